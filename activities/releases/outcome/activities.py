"""Writes what is live, when the registered environment has a repository for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial

from temporalio import activity

from activities.access.environments import Environments
from activities.authority.port import Permits
from activities.core import serialization as serial
from activities.core.cancellation import run_blocking
from activities.core.errors import as_failure
from activities.releases.live_versions import live_instance
from activities.releases.outcome import port
from activities.releases.outcome.port import OutcomeInput, Written
from activities.releases.outcome.push import RefusedPushError, push
from domain.authority.permit import Claim, Effect
from domain.core.documents import Node
from domain.core.errors import RefusedError, SluicewayError
from domain.releases.deployment import Deployment
from domain.releases.outcome import Released, words
from domain.secrets.rules import SecretUse

ACTION = "outcome"
ASKED_S = 20.0


@dataclass
class OutcomeActivities(port.OutcomeActivities):
    """`environments`: what is registered now, and not what was when the release began."""

    environments: Environments
    permits: Permits
    live: Callable[[str, str], Awaitable[str]] = live_instance
    """Environment and service to the instance that the engine has recorded as live."""

    @activity.defn(name="write-outcome")
    async def write(self, input: OutcomeInput) -> Written:
        """Commits and pushes what is live. A repository that refuses it is a result."""
        new = input.deployment
        where = (await run_blocking(partial(self.environments.get, new.environment))).outcome
        if where is None:
            return Written()
        files = {where.path_of(one.deployment): one for one in released(input)}
        try:
            for one in files.values():
                await run_blocking(partial(self.permits.permit, claim(one.deployment)))
            done = await run_blocking(partial(push, where, files, input.release, self._newest()))
        except (RefusedError, RefusedPushError) as refused:
            return Written(f"{', '.join(files)} {'was' if len(files) == 1 else 'were'} not written: {refused}"[:500])
        except SluicewayError as broken:
            raise as_failure(broken) from broken
        said = [path for path in files if path not in done.left]
        return Written(words(where.branch, said, done.left, done.commit)[:500], done.commit)

    def _newest(self) -> Callable[[Released], bool]:
        """For the thread that pushes: the question is asked in this loop, each time again."""
        loop = asyncio.get_running_loop()

        async def asked(released: Released) -> bool:
            one = released.deployment
            return released.is_newest(await self.live(one.environment, one.service))

        return lambda one: asyncio.run_coroutine_threadsafe(asked(one), loop).result(ASKED_S)


def released(input: OutcomeInput) -> list[Released]:
    """What is written: a service, or each of several."""
    all_ = input.services or (input,)
    return [Released(release=one.release, number=one.number, deployment=one.deployment, at=input.at) for one in all_]


def claim(one: Deployment) -> Claim:
    """Of the deployment as its release was permitted to make it."""
    what = Node(serial.dump_plain(replace(one, instance="", use=SecretUse()), exclude_defaults=True)).object()
    subject = f"{one.place}/{one.service}/{one.instance}"
    return Claim(effect=Effect.DEPLOY, subject=subject, what=what, action=ACTION)
