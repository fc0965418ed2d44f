"""Counters that know of everything that happened before they were asked for."""

from __future__ import annotations

from typing import Protocol

from activities.releases.clock import Clock
from activities.releases.router_counters import Counters
from domain.releases.deployment import Deployment

POLL_S = 1.0


class Counting(Protocol):
    """What is asked of a router here."""

    async def counters(self, *deployments: Deployment) -> list[Counters]: ...


async def later_counters(router: Counting, clock: Clock, *deployments: Deployment) -> list[Counters]:
    """As `Router.counters`, of a moment after the call: where they are scraped, that is the next scrape.

    Raises:
        SluicewayError: as `Router.counters`; where nothing is scraped any more, what there is gets too old.
    """
    began = clock.now()
    while True:
        asked = clock.now()
        found = await router.counters(*deployments)
        if asked - max((one.age_s for one in found), default=0.0) >= began:
            return found
        await clock.sleep(POLL_S)
