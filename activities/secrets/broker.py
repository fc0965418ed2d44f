"""Hands out the values of secrets to the uses that a rule allows, and knows what to mask."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from activities.authority.port import Permits
from activities.secrets.port import UNKNOWN, SecretStore
from domain.authority.permit import Claim, Effect
from domain.core.documents import Manifest
from domain.core.errors import RefusedError, SluicewayError
from domain.core.masking import Masker
from domain.policy.policy import PolicyFor, Push
from domain.secrets import reference
from domain.secrets.rules import SecretRule, SecretUse, judge
from domain.triggers.events import EventKind
from domain.triggers.repository_name import repository_name

FREE = "SLW040"
"""A definition names a file or a variable of the worker."""
NOT_ALLOWED = "SLW041"
"""No rule allows this use."""
FINAL = (FREE, NOT_ALLOWED, UNKNOWN)
"""What another try would not change."""
Rules = Callable[[], Sequence[SecretRule]]


@dataclass
class Broker:
    """Values go from here into the memory of a supervisor, or to a daemon or API server that needs them; on no disk."""

    store: SecretStore
    rules: Rules
    permits: Permits | None = None
    policies: Callable[[Push], PolicyFor] = PolicyFor
    _given: dict[str, set[str]] = field(default_factory=dict, repr=False)
    """What this worker has handed out, to be masked also after the secret was changed or removed."""

    def values(self, wanted: Mapping[str, str], use: SecretUse) -> dict[str, str]:
        """Values by variable. `wanted`: variable to the name of a secret.

        For a deployment or a cluster, which has a permit that covers its secrets, and may outlive its run.

        Raises:
            RefusedError: SLW040, it is no name of a secret; SLW041, no rule allows it. The message says what would.
            SluicewayError: as `SecretStore.read`; the message names the secret, never a value.
        """
        self.check(wanted, use)
        return {variable: self._value(secret) for variable, secret in wanted.items()}

    def values_of_job(self, wanted: Mapping[str, str], use: SecretUse) -> dict[str, str]:
        """As `values`, for a job of a run that goes on: the signer permits each secret.

        Raises:
            RefusedError: SLW011 to SLW014 too, the signer does not.
        """
        self.check(wanted, use)
        if self.permits is not None:
            for secret in wanted.values():
                self.permits.permit(_claim(secret, use))
        return {variable: self._value(secret) for variable, secret in wanted.items()}

    def of_engine(self, secret: str) -> str:
        """The value of a secret that the installation's own settings name, for what the engine does itself.

        Raises:
            SluicewayError: as `SecretStore.read`.
        """
        return self._value(secret)

    def check(self, wanted: Mapping[str, str], use: SecretUse) -> None:
        """Raises:
        RefusedError: as `values`; nothing is read for a use of which one secret is refused.
        """
        if wanted:
            rules = self.rules()
            for variable, secret in wanted.items():
                self._allow(variable, secret, use, rules)

    def _allow(self, variable: str, secret: str, use: SecretUse, rules: Sequence[SecretRule]) -> None:
        if why := reference.complaint(secret):
            raise RefusedError(
                FREE, f"secret {variable}: '{secret[:200]}' is no name of a secret", why=why, fix=reference.hint(secret)
            )
        judged = judge(secret, use, rules)
        if not judged.allowed:
            what = f"secret {secret} is not for {_who(use)}"
            raise RefusedError(NOT_ALLOWED, what, why="; ".join(judged.reasons), fix=_rule_for(secret, use))
        if use.by_hand:
            return
        if why := self.policies(push_of(use)).secret(secret, use.environment, approved=use.approved):
            raise RefusedError("SLW057", f"secret {secret} is not for {_who(use)}", why=why)

    def _value(self, secret: str) -> str:
        value = self.store.read(secret)
        self._given.setdefault(secret, set()).add(value)
        return value

    def masker(self, wanted: Mapping[str, str]) -> Masker:
        """Masks the values in what tools and services said, before it is stored; skips what cannot be read any more."""
        values = set[str]()
        for secret in wanted.values():
            values |= self._given.get(secret, set())
            if not reference.complaint(secret):
                with contextlib.suppress(SluicewayError):
                    values.add(self.store.read(secret))
        return Masker(sorted(values))


def push_of(use: SecretUse) -> Push:
    """What policies judge a use by."""
    event = use.event
    return Push(
        repository=repository_name(use.repo),
        pipeline=use.pipeline,
        event=event.kind,
        branch=event.branch,
        tag=event.tag,
        elsewhere=event.kind is EventKind.PULL_REQUEST and not event.own_branch,
    )


def _claim(secret: str, use: SecretUse) -> Claim:
    what: Manifest = {"secret": secret, "environment": use.environment}
    return Claim(effect=Effect.SECRET, subject=secret, what=what, run=use.run, job=use.cell, attempt=use.attempt)


def _who(use: SecretUse) -> str:
    if use.by_hand:
        return "what is started by hand"
    if not use.pipeline:
        return "this run, of which nothing is known"
    event = use.event
    of = f"tag {event.tag}" if event.tag else f"branch {event.branch or '(none)'}"
    return f"job {use.job} of pipeline {use.pipeline}, started by {event.kind} of {of} of {use.repo or '(nowhere)'}"


def _rule_for(secret: str, use: SecretUse) -> str:
    """The command that would allow it, for whoever may decide that."""
    command = ["sluiceway secret set", secret]
    if use.by_hand:
        return f"{' '.join(command)} --by-hand"
    if use.event.kind is EventKind.PULL_REQUEST and not use.event.own_branch:
        return "let a push of a branch of the repository itself do what needs the secret"
    command += _options("pipeline", [use.pipeline or "PIPELINE"]) + _options("repository", [use.repo or "PATH-OR-URL"])
    command += _options("event", [str(use.event.kind)])
    command += _options("tag", [use.event.tag]) if use.event.tag else _options("branch", [use.event.branch or "'**'"])
    command += _options("environment", [use.environment] if use.environment else [])
    return f"if it may have it: {' '.join(command)}"


def _options(name: str, values: Iterable[str]) -> list[str]:
    return [f"--{name} {value}" for value in values]


def closed() -> Broker:
    """One that has no secrets and allows nobody any."""
    from activities.secrets.stores.memory import MemorySecrets

    return Broker(MemorySecrets(), tuple)
