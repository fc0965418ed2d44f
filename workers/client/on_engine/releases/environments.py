"""Environments: what is live in them, and who holds their lock."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from activities.releases.release_lists import ENVIRONMENT_COLUMNS, LIVE_COLUMNS, ListedLive, ReleaseLists
from domain.access.actions import Action
from domain.access.resource import ENGINE, Resource, ResourceKind
from domain.core import ids
from domain.core.errors import SluicewayError
from workers.client.guard import Guard, needed, readable_by
from workers.client.on_engine.lists import condition_of, page_of
from workers.client.on_engine.parts import EngineParts
from workers.client.on_engine.releases import release_rows as rows
from workers.client.paging import Key, after_of, limit_of, next_of
from workers.client.ports.pages import Page, PageOf
from workers.client.ports.releases import EnvironmentRow, LiveRow, QueueRow
from workers.client.unseen import unseen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workflows.releases.messages import EnvironmentState

ANSWERS_WITHIN_S = 2.0
SHOWN, SHOWN_IN_LIST = 20, 5
"""Services of an environment that its row shows, alone and among others: those that changed last."""
DEMANDS_IN_LIST = 2
LOCK = ids.environment_id("")


class EngineEnvironments:
    """The environments of `Releases`."""

    def __init__(self, parts: EngineParts, guard: Guard) -> None:
        self._parts, self._guard = parts, guard
        self._lists = ReleaseLists(parts.rows)

    async def environments(self, page: PageOf) -> Page[EnvironmentRow]:
        """By name: those that are registered, or that something is live in."""
        limit, after = limit_of(page), after_of(page, (str,), "environments")
        readable = await readable_by(self._guard, Action.ENVIRONMENTS_READ, ResourceKind.ENVIRONMENT)
        may = condition_of(readable, ENVIRONMENT_COLUMNS)

        def look(before: Key | None, most: int) -> Sequence[str]:
            return self._lists.environments(str(before[0]) if before else "", most, may)

        now = time.time()
        names, last = await self._parts.read(
            lambda: page_of(readable, look, lambda name: (name,), rows.environment_resource, after, limit)
        )
        found = await self._rows(names)
        return Page(tuple(found), next_of(last, "environments") if last else "", now)

    async def environment(self, name: str) -> EnvironmentRow:
        """One of them, with who waits for its lock and what is on standby."""
        about, nothing = rows.environment_resource(name), no_environment(name)
        if not await self._parts.read(lambda: self._lists.has_environment(name)):
            raise nothing
        async with unseen(self._guard, Action.ENVIRONMENTS_READ, about, nothing):
            await needed(self._guard, Action.ENVIRONMENTS_READ, about)
        return (await self._rows([name]))[0]

    async def live(self, environment: str, service: str, page: PageOf) -> Page[LiveRow]:
        """By environment and service; empty texts filter nothing."""
        of = ("live", environment, service)
        limit, after = limit_of(page), after_of(page, (str, str), *of)
        readable = await readable_by(self._guard, Action.ENVIRONMENTS_READ, ResourceKind.ENVIRONMENT)
        may = condition_of(readable, LIVE_COLUMNS)

        def look(before: Key | None, most: int) -> Sequence[ListedLive]:
            place = (str(before[0]), str(before[1])) if before else ("", "")
            return self._lists.live(environment, service, place, most, may)

        def read() -> tuple[list[LiveRow], Key | None]:
            found, last = page_of(readable, look, _place, _environment, after, limit)
            drifts = self._lists.drifts({row["environment"] for row in found})
            return [rows.live_of(row, drifts.get((row["environment"], row["service"]), "")) for row in found], last

        now = time.time()
        found, last = await self._parts.read(read)
        return Page(tuple(found), next_of(last, *of) if last else "", now)

    async def _rows(self, names: Sequence[str]) -> list[EnvironmentRow]:
        busy = await self._parts.read(self._lists.busy)
        asked = [name for name in names if name in busy or len(names) == 1]
        states = dict(zip(asked, await asyncio.gather(*map(self._state, asked)), strict=True))
        return await self._parts.read(lambda: self._read(names, states))

    def _read(self, names: Sequence[str], states: Mapping[str, EnvironmentState | None]) -> list[EnvironmentRow]:
        drifts, rules = self._lists.drifts(names), self._lists.rules(names)
        made = []
        for name in names:
            state = states.get(name)
            demands = rows.demands_of(name, rules.get(name), opened=self._parts.settings.open_environments)
            standby = {of: warm.deployment.spec.version for of, warm in state.warm.items()} if state else {}
            live = [
                rows.live_of(row, _differs(drifts, row, state), standby.get(row["service"], ""))
                for row in self._lists.newest_live(name, SHOWN if len(names) == 1 else SHOWN_IN_LIST)
            ]
            made.append(
                EnvironmentRow(
                    name=name,
                    rule=rules.get(name),
                    demands=demands[: None if len(names) == 1 else DEMANDS_IN_LIST],
                    holder=state.holder if state else "",
                    waiting=len(state.places.waiting) if state else 0,
                    live=tuple(live),
                    services=self._lists.services(name),
                )
            )
        return made

    async def _state(self, name: str) -> EnvironmentState | None:
        """None: nobody answers now, or nothing was ever released to it."""
        from workers.client import releases

        try:
            engine = await self._parts.engine()
            return await asyncio.wait_for(releases.environment(engine, name), ANSWERS_WITHIN_S)
        except (SluicewayError, TimeoutError):
            return None

    async def queues(self, page: PageOf) -> Page[QueueRow]:
        """By id: environments that are in use or waited for, of those that the caller may read; and concurrency
        groups, which any pipeline may share, for whoever may read all of them.
        """
        from workers.client import queues

        limit, after = limit_of(page), after_of(page, (str,), "queues")
        now = time.time()
        found, more = await queues.part(await self._parts.engine(), str(after[0]) if after else "", limit)
        may = await asyncio.to_thread(self._readable_queues, [id_ for id_, _ in found])
        listed = tuple(rows.queue_of(id_, one, now) for id_, one in found if id_ in may)
        return Page(listed, next_of((more,), "queues") if more else "", now)

    def _readable_queues(self, queues: Sequence[str]) -> frozenset[str]:
        locks = [id_ for id_ in queues if id_.startswith(LOCK)]
        readable = self._guard.readable(Action.QUEUES_READ, ResourceKind.ENVIRONMENT)
        kept = readable.keep([rows.environment_resource(ids.environment_of(id_.removeprefix(LOCK))) for id_ in locks])
        groups = self._guard.verdict(Action.QUEUES_READ, ENGINE).allowed
        others = [id_ for id_ in queues if not id_.startswith(LOCK)] if groups else []
        return frozenset(others) | {id_ for id_, may in zip(locks, kept, strict=True) if may}


def _differs(drifts: Mapping[tuple[str, str], str], live: ListedLive, state: EnvironmentState | None) -> str:
    """The drift of a live version, and versions beside it that should have ended."""
    late = state.unended.get(live["service"], []) if state else []
    known = drifts.get((live["environment"], live["service"]), "")
    return "; ".join(one for one in (known, *(one.words() for one in late)) if one)


def _place(row: ListedLive) -> Key:
    return row["environment"], row["service"]


def _environment(row: ListedLive) -> Resource:
    return rows.environment_resource(row["environment"])


def no_environment(name: str) -> SluicewayError:
    """What is said of an environment that is not known, or not the caller's to know of."""
    return SluicewayError("SLW907", f"there is no environment {name[:200]}", fix="sluiceway environment list")
