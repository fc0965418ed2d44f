"""The activities of a cluster's lifecycle."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from dataclasses import dataclass, field, replace
from functools import partial

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.authority.port import Permits
from activities.clusters import permits, port
from activities.clusters.kept_facts import KeptFacts
from activities.clusters.port import Differences, PhaseDone, PhaseInput, Provider
from activities.core.cancellation import CancellationToken, run_blocking
from activities.core.errors import as_failure
from activities.kubernetes.kubeconfigs import AddressBook
from domain.authority.cluster_orders import KNOWN, LOOK, UNDO
from domain.clusters.access import Access
from domain.clusters.facts import ClusterFacts
from domain.clusters.health import ClusterHealth
from domain.clusters.plan import Phase, difference, items
from domain.clusters.spec import ClusterSpec, taken_from_worker
from domain.core.errors import SluicewayError

POLL_S = 0.1
APPLY_AGAIN_S = 5.0
FACTS_AGAIN_S = 600.0
"""Facts are read again with the first look after this long, and after each phase of an operation."""


@dataclass(frozen=True)
class ClusterActivities(port.ClusterActivities):
    """Runs blocking provider calls in threads, with heartbeats."""

    providers: dict[str, Provider]
    book: AddressBook | None = None
    apply_again_s: float = APPLY_AGAIN_S
    permits: Permits = field(kw_only=True)
    facts: KeptFacts | None = field(default=None, kw_only=True)
    _read: dict[str, float] = field(default_factory=dict, init=False)
    """Cluster to when its facts were last asked for (time.monotonic): they cost a handful of requests."""

    @activity.defn(name="cluster-phase")
    async def phase(self, input: PhaseInput) -> PhaseDone:
        """Applies a phase and waits until it is complete. A blocker is a result, not a failure."""
        began = time.monotonic()
        provider, token = await self._permitted(input.spec, input.phase), CancellationToken()
        self._read.pop(input.spec.name, None)
        try:
            if input.phase is Phase.PREFLIGHT:
                blocker = await run_blocking(partial(provider.blocker, input.spec), token)
                return PhaseDone(time.monotonic() - began, blocker)
            await run_blocking(partial(provider.apply, input.phase, input.spec, token.report), token)
            missing = await self._until(provider, input, token)
        except SluicewayError as broken:
            raise ApplicationError(_words(broken), type=broken.code) from broken
        return PhaseDone(time.monotonic() - began, missing)

    async def _until(self, provider: Provider, input: PhaseInput, token: CancellationToken) -> str:
        """Applies repeatedly with growing pauses: objects may vanish while others of the phase are created."""
        now, pause_s = time.monotonic(), self.apply_again_s
        deadline, again = now + input.limit_s, now + pause_s
        while missing := await run_blocking(partial(provider.missing, input.phase, input.spec), token):
            if time.monotonic() > deadline:
                return f"{missing} after {input.limit_s:g} s"
            if time.monotonic() > again:
                with contextlib.suppress(SluicewayError):  # what cannot be created yet stays missing
                    await run_blocking(partial(provider.apply, input.phase, input.spec, token.report), token)
                pause_s *= 2
                again = time.monotonic() + pause_s
            activity.heartbeat(missing)
            await asyncio.sleep(POLL_S)
        return ""

    @activity.defn(name="cluster-undo")
    async def undo(self, input: PhaseInput) -> None:
        """Undoes a phase.

        Raises:
            ApplicationError: with the provider's code.
        """
        provider, token = await self._permitted(input.spec, f"{UNDO}{input.phase}"), CancellationToken()
        try:
            await run_blocking(partial(provider.undo, input.phase, input.spec, token.report), token)
        except SluicewayError as broken:
            raise ApplicationError(_words(broken), type=broken.code) from broken

    @activity.defn(name="cluster-leftovers")
    async def leftovers(self, spec: ClusterSpec) -> list[str]:
        """What is left of the cluster; forgets its address when nothing is."""
        found = await run_blocking(partial((await self._permitted(spec, LOOK)).leftovers, spec))
        if not found and self.book:
            self.book.forget(spec.name)
        if not found and self.facts:
            await run_blocking(partial(self.facts.forget, spec.name))
        return found

    @activity.defn(name="cluster-differences")
    async def differences(self, spec: ClusterSpec) -> Differences:
        existing = await run_blocking(partial((await self._permitted(spec, LOOK)).existing, spec))
        return Differences(tuple(difference(items(spec), existing)))

    @activity.defn(name="cluster-reference")
    async def reference(self, spec: ClusterSpec) -> str:
        """A reference to its kubeconfig; registers it for jobs."""
        found = (await self._permitted(spec, KNOWN)).reference(spec)
        if found and self.book:
            self.book.remember(spec.name, Access(found, spec.context), impersonate=spec.impersonates)
        return found

    @activity.defn(name="cluster-health")
    async def health(self, spec: ClusterSpec) -> ClusterHealth:
        provider = await self._permitted(spec, LOOK)
        found = await run_blocking(partial(provider.health, spec))
        now = time.monotonic()
        if found.trouble or now < self._read.get(spec.name, -math.inf) + FACTS_AGAIN_S:
            return found
        self._read[spec.name] = now
        return replace(found, facts=await run_blocking(partial(self._facts, provider, spec)))

    def _facts(self, provider: Provider, spec: ClusterSpec) -> ClusterFacts | None:
        found = provider.facts(spec)
        if found and self.facts:
            self.facts.remember(found)
        return found

    def revive(self) -> list[str]:
        """Restarts dead supervisors; returns a text for people."""
        return [words for provider in self.providers.values() for words in provider.revive()]

    async def _permitted(self, spec: ClusterSpec, action: str) -> Provider:
        """The provider, once the signer permits what it is asked for: a look, too, runs what the definition names.

        Raises:
            ApplicationError: with the signer's code.
        """
        provider = self._provider(spec)
        try:
            await run_blocking(partial(self.permits.permit, permits.change(spec, action)))
        except SluicewayError as refused:
            raise as_failure(refused) from refused
        return provider

    def _provider(self, spec: ClusterSpec) -> Provider:
        if taken := taken_from_worker(spec):
            what = f"SLW040: {taken} of cluster {spec.name} names a file or a variable of the worker"
            raise ApplicationError(f"{what}; write secret:NAME", type="SLW040", non_retryable=True)
        found = self.providers.get(spec.provider)
        if found is None:
            known = ", ".join(sorted(self.providers))
            raise ApplicationError(
                f"unknown provider {spec.provider}; available: {known}", type="SLW945", non_retryable=True
            )
        return found


def _words(broken: SluicewayError) -> str:
    return f"{broken.what}: {broken.why}" if broken.why else broken.what
