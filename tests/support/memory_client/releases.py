"""Releases and environments in memory."""

from __future__ import annotations

from dataclasses import replace

from domain.access.actions import Action
from domain.access.resource import ENGINE, Resource, ResourceKind
from domain.core.errors import RefusedError, SluicewayError
from tests.support.memory_client.world import NOW, World, listed, readable, resource
from workers.client.guard import Guard
from workers.client.ports.pages import Page, PageOf
from workers.client.ports.releases import EnvironmentRow, LiveRow, QueueRow, ReleaseDetails, ReleaseRow

ACTIONS = {
    "pause": Action.RELEASES_PAUSE,
    "resume": Action.RELEASES_RESUME,
    "promote": Action.RELEASES_PROMOTE,
    "override": Action.RELEASES_OVERRIDE,
    "abort": Action.RELEASES_ABORT,
    "rollback": Action.RELEASES_ROLLBACK,
}


class MemoryReleases:
    """Implements `Releases`."""

    def __init__(self, world: World, guard: Guard) -> None:
        self._world, self._guard = world, guard

    async def list(self, service: str, environment: str, page: PageOf) -> Page[ReleaseRow]:
        """Newest first."""
        rows = [one.row for one in self._world.releases.values() if readable(self._guard, one.row)]
        found = [row for row in rows if service in ("", row.service) and environment in ("", row.environment)]
        return listed(found, lambda row: (row.started_at, row.id), page, service, environment, newest_first=True)

    async def show(self, id_: str) -> ReleaseDetails:
        """Raises SLW907."""
        found = self._found(id_)
        self._guard.need(Action.RELEASES_READ, _of(found))
        return found

    def _found(self, id_: str) -> ReleaseDetails:
        if id_ not in self._world.releases:
            raise SluicewayError("SLW907", f"there is no release {id_}")
        return self._world.releases[id_]

    async def steer(self, id_: str, verb: str, reason: str, key: str = "") -> str:
        """Raises SLW905 for a verb that does not fit."""
        found = self._found(id_)
        if verb not in ACTIONS:
            raise RefusedError("SLW905", f"there is no command '{verb}'", where=id_)
        async with self._guard.use(ACTIONS[verb], _of(found), {"reason": reason}):
            return self._world.once(key, (id_, verb, reason), lambda: self._steered(found, verb, reason))

    def _steered(self, found: ReleaseDetails, verb: str, reason: str) -> str:
        if found.row.verdict:
            raise RefusedError("SLW905", f"{verb}: the release has ended: {found.row.verdict}", where=found.row.id)
        if (verb == "resume") != found.paused and verb in ("pause", "resume"):
            raise RefusedError("SLW905", f"{verb}: the release is {'' if found.paused else 'not '}paused")
        ends = {"promote": "live", "abort": "aborted", "rollback": "rolled-back"}.get(verb, "")
        row = replace(found.row, verdict=ends, reason=reason, ended_at=NOW) if ends else found.row
        changed = replace(found, row=row, paused=verb == "pause", story=(*found.story, (NOW, f"{verb}: {reason}")))
        self._world.releases[row.id] = changed
        return f"{verb}: {row.id}"

    async def rollback(self, environment: str, service: str, key: str = "") -> str:
        """The next number of the environment."""
        about = resource(ResourceKind.ENVIRONMENT, environment, environment=environment)
        async with self._guard.use(Action.RELEASES_ROLLBACK, about):
            return self._world.once(key, (environment, service), lambda: self._back(environment, service))

    def _back(self, environment: str, service: str) -> str:
        of = [one.row for one in self._world.releases.values() if one.row.environment == environment]
        if service not in {row.service for row in of}:
            raise RefusedError("SLW905", f"nothing of {service} was live in {environment} before")
        number = max(row.number for row in of) + 1
        row = ReleaseRow(
            id=f"release/{service}/{environment}/{number}",
            service=service,
            environment=environment,
            number=number,
            started_at=NOW,
        )
        self._world.releases[row.id] = ReleaseDetails(row=row)
        return row.id

    async def environments(self, page: PageOf) -> Page[EnvironmentRow]:
        """By name."""
        rows = [one for one in self._world.environments.values() if readable(self._guard, one)]
        return listed(rows, lambda row: (row.name,), page)

    async def environment(self, name: str) -> EnvironmentRow:
        """Raises SLW907."""
        self._guard.need(Action.ENVIRONMENTS_READ, resource(ResourceKind.ENVIRONMENT, name, environment=name))
        if name not in self._world.environments:
            raise SluicewayError("SLW907", f"there is no environment {name}")
        return self._world.environments[name]

    async def live(self, environment: str, service: str, page: PageOf) -> Page[LiveRow]:
        """By environment and service."""
        rows = [row for one in self._world.environments.values() if readable(self._guard, one) for row in one.live]
        found = [row for row in rows if service in ("", row.service) and environment in ("", row.environment)]
        return listed(found, lambda row: (row.environment, row.service), page, environment, service)

    async def queues(self, page: PageOf) -> Page[QueueRow]:
        """By id."""
        self._guard.need(Action.QUEUES_READ, ENGINE)
        return listed(self._world.queues.values(), lambda row: (row.id,), page)


def _of(found: ReleaseDetails) -> Resource:
    return resource(ResourceKind.RELEASE, found.row.id, environment=found.row.environment)
