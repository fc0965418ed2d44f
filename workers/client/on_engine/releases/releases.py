"""Releases on the engine and its records."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO

from activities.releases.release_lists import RELEASE_COLUMNS, ListedRelease
from domain.access.actions import Action
from domain.access.resource import ResourceKind
from domain.core.documents import Node
from domain.core.errors import DefinitionError, RefusedError, SluicewayError
from domain.core.ids import environment_of
from domain.releases.judge.told import MAX_LINE
from workers.client.guard import needed, readable_by
from workers.client.on_engine.lists import condition_of, page_of
from workers.client.on_engine.parts import RECORDED_EVERY_S, RECORDED_LOOKS, temporal_path, update_id
from workers.client.on_engine.releases import release_rows as rows
from workers.client.on_engine.releases.environments import EngineEnvironments, no_environment
from workers.client.on_engine.releases.judged import judged
from workers.client.paging import Key, after_of, limit_of, next_of
from workers.client.ports.pages import Page, PageOf
from workers.client.ports.releases import ReleaseDetails, ReleaseRow
from workers.client.unseen import unseen

if TYPE_CHECKING:
    from workflows.releases.messages import ReleaseView

STEERS = {
    "pause": Action.RELEASES_PAUSE,
    "resume": Action.RELEASES_RESUME,
    "promote": Action.RELEASES_PROMOTE,
    "override": Action.RELEASES_OVERRIDE,
    "abort": Action.RELEASES_ABORT,
    "rollback": Action.RELEASES_ROLLBACK,
}
ANSWERS_WITHIN_S = 2.0
MAX_REASON = 500
MAX_TICKS_BYTES = 50 << 20
NEWEST = (float, str)


class EngineReleases(EngineEnvironments):
    """Implements `Releases`."""

    async def list(self, service: str, environment: str, page: PageOf) -> Page[ReleaseRow]:
        """Newest first; only what the caller may read."""
        of = ("releases", service, environment)
        limit, after = limit_of(page), after_of(page, NEWEST, *of)
        readable = await readable_by(self._guard, Action.RELEASES_READ, ResourceKind.RELEASE)
        may = condition_of(readable, RELEASE_COLUMNS)

        def look(before: Key | None, most: int) -> Sequence[ListedRelease]:
            known = (float(before[0]), str(before[1])) if before else None
            return self._lists.releases(service, environment, known, most, may)

        now = time.time()
        found, last = await self._parts.read(lambda: page_of(readable, look, _started, rows.resource_of, after, limit))
        return Page(tuple(map(rows.row_of, found)), next_of(last, *of) if last else "", now)

    async def show(self, id_: str) -> ReleaseDetails:
        """Under way: what it says of itself; ended: what was recorded."""
        release, result = await self._release(id_)
        async with self._seen(id_, release):
            await needed(self._guard, Action.RELEASES_READ, rows.resource_of(release))
        path = temporal_path(release["id"], self._parts.settings.namespace)
        details = ReleaseDetails(row=rows.row_of(release), temporal=path)
        if release["ended_at"] is None:
            ticks = await self._parts.blocking(lambda: self._tick_file(release["id"]))
            seen = replace(details, ticks=rows.ticks_of(ticks), evidence=rows.evidence_so_far(ticks))
            view = await self._view(release["id"])
            parts = view.clusters if view else ()
            shown = await self._parts.blocking(lambda: rows.clusters_of(parts, self._last_ticks))
            return _under_way(replace(seen, clusters=shown, services=bool(view and view.services)), view)
        return await self._parts.blocking(lambda: self._ended(details, Node(json.loads(result or "{}"))))

    async def _release(self, id_: str) -> tuple[ListedRelease, str]:
        found = await self._parts.read(lambda: self._lists.release(id_))
        if found is None:
            raise _no_release(id_)
        return found

    def _seen(self, id_: str, release: ListedRelease) -> AbstractAsyncContextManager[None]:
        return unseen(self._guard, Action.RELEASES_READ, rows.resource_of(release), _no_release(id_))

    def _tick_file(self, id_: str) -> bytes:
        """Those so far."""
        return self._ticks(id_, lambda file: file.read(MAX_TICKS_BYTES))

    def _last_ticks(self, id_: str) -> bytes:
        """The end of the file, where the newest one is; of a part under way on another machine, just that."""
        from activities.releases.shared_ticks import SharedTicks

        def read(file: BinaryIO) -> bytes:
            file.seek(max(file.seek(0, os.SEEK_END) - MAX_LINE, 0))
            return file.read(MAX_LINE)

        return self._ticks(id_, read) or SharedTicks(self._parts.records.database).last(id_)

    def _ticks(self, id_: str, read: Callable[[BinaryIO], bytes]) -> bytes:
        """The id is of a record, never of a request. Empty: there is no file on this machine."""
        path = self._parts.settings.home / "releases" / f"{id_.removeprefix('release/')}.jsonl"
        try:
            with path.open("rb") as file:
                return read(file)
        except OSError:
            return b""

    async def _view(self, id_: str) -> ReleaseView | None:
        """None: nobody answers now."""
        from workers.client import releases

        try:
            engine = await self._parts.engine()
            return await asyncio.wait_for(releases.view(engine, id_), ANSWERS_WITHIN_S)
        except (SluicewayError, TimeoutError):
            return None

    def _ended(self, details: ReleaseDetails, result: Node) -> ReleaseDetails:
        data, digest = b"", result["ticks"].text()
        with contextlib.suppress(SluicewayError):  # expired
            data = self._parts.store.get(digest) if digest else b""
        live = result["live"].text() == result["version"].text()
        again = judged(data, result)
        return replace(
            details,
            previous=result["previous"].text(),
            percent=100.0 if live else 0.0,
            evidence=again.evidence or rows.evidence_together(result),
            judged=again.words,
            steps=tuple(step.text() for step in result["steps"])[: rows.MOST_TOLD],
            ticks=rows.ticks_of(data),
            story=rows.story_of(result),
            clusters=rows.ended_clusters(result, self._last_ticks),
            services=result["services"].value is True,
            proven=result["proven"].value is True,
        )

    async def steer(self, id_: str, verb: str, reason: str, key: str = "") -> str:
        """A release that only meets errors is ended from outside by `abort`."""
        if verb not in STEERS:
            raise DefinitionError("SLW501", f"'{verb[:20]}' is none of {', '.join(STEERS)}")
        release, _ = await self._release(id_)
        reason = reason[:MAX_REASON]
        about = rows.resource_of(release)
        async with self._seen(id_, release), self._guard.use(STEERS[verb], about, {"reason": reason}):
            if release["ended_at"] is not None:
                raise RefusedError("SLW905", f"{verb}: the release has ended: {release['verdict']}", where=id_)
            return await self._steer(release["id"], verb, reason, update_id(self._guard.caller, verb, key))

    async def _steer(self, release: str, verb: str, reason: str, id_: str) -> str:
        from workers.client import cancelling, releases

        engine = await self._parts.engine()
        if verb == "abort" and (error := await cancelling.end_release(engine, release, reason or "aborted")):
            why = f"{reason or 'aborted'}; it could not end itself: {error}"
            await self._parts.blocking(lambda: self._parts.records.releases.close(release, why))
            return f"ended as it is, because {error}; see what is live, and roll back by hand"
        return await releases.steer(engine, release, verb, reason, id_)

    async def rollback(self, environment: str, service: str, key: str = "") -> str:
        """Releases the previous version again."""
        from workers.client import releases

        name = environment_of(environment)
        about, nothing = rows.environment_resource(name), no_environment(environment)
        if not await self._parts.read(lambda: self._lists.has_environment(name)):
            raise nothing
        async with (
            unseen(self._guard, Action.ENVIRONMENTS_READ, about, nothing),
            self._guard.use(Action.RELEASES_ROLLBACK, about, {"service": service}) as told,
        ):
            id_ = update_id(self._guard.caller, "rollback", key)
            release = await releases.rollback(await self._parts.engine(), environment, service, id_)
            told.tell(release=release)
            await self._until_recorded(release)
            return release

    async def _until_recorded(self, release: str) -> None:
        """Whoever looks at once finds it."""
        for _ in range(RECORDED_LOOKS):
            if await self._parts.read(lambda: self._lists.release(release)):
                return
            await asyncio.sleep(RECORDED_EVERY_S)


def _no_release(id_: str) -> SluicewayError:
    return SluicewayError("SLW907", f"there is no release {id_[:200]}", fix="sluiceway release list")


def _started(row: ListedRelease) -> Key:
    return row["started_at"], row["id"]


def _under_way(details: ReleaseDetails, view: ReleaseView | None) -> ReleaseDetails:
    if view is None:
        return replace(details, answers=False)
    row = replace(
        details.row,
        version=view.version or details.row.version,
        strategy=view.strategy or details.row.strategy,
        verdict=view.verdict,
        reason=view.reason,
    )
    events = view.story[-rows.MOST_TOLD :]
    return replace(
        details,
        row=row,
        doing=view.doing,
        waiting_for=view.waiting_for,
        previous=view.previous,
        percent=view.percent,
        tick=view.tick,
        paused=view.paused,
        evidence=details.evidence or rows.evidence_of(view.evidence),
        story=tuple((event.at, rows.told(event.what, event.why)) for event in events),
        approvals=rows.approval_ids(view.id, view.approvals),
    )
