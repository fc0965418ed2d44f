"""Keeps the route of a release as the release has set it, while it is observed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from activities.authority.port import Permits
from activities.releases.metric_sources.port import Comparison
from activities.releases.permits import claims
from activities.releases.port import ActionInput, Releaser
from activities.releases.routers.port import Restores, Router
from domain.releases.actions import ActionKind

MOST_TOLD = 3


@dataclass(frozen=True)
class RouteGuard:
    """What somebody else has changed is put back by a permit, and told."""

    routers: Mapping[str, Router]
    permits: Permits

    async def __call__(self, watched: Comparison) -> list[str]:
        """Who had changed what, one line each; empty: nobody.

        Raises:
            SluicewayError: it cannot be read, or put back; SLW011 to SLW016, it is not permitted.
        """
        new = watched.canary
        router = self.routers.get(new.spec.router)
        if new.spec.kubernetes is None or router is None or not isinstance(router, Restores):
            return []
        changed = (await router.drift(new))[:MOST_TOLD]
        if changed:
            asked = ActionInput(
                do=ActionKind.HEAL, deployment=new, target=new.spec.target, whose=Releaser(run="by hand")
            )
            for claim in claims(asked):
                await asyncio.to_thread(partial(self.permits.permit, claim))
            await router.restore(new)
        return [f"the route was changed, and is as this release has set it again: {line}" for line in changed]
