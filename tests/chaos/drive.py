"""One run of the pipeline, hurt where the plan says, and what must be true of it afterwards."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from activities.core import serialization as serial
from activities.jobs.logs import parse
from activities.storage.stores.registry import open_store
from domain.core import ids as keys
from domain.jobs.record import JobRecord
from domain.jobs.result import JobResult
from domain.triggers.delivery import Delivery
from domain.triggers.events import Event, EventKind
from domain.triggers.source import SourceRef
from tests.chaos import files
from tests.chaos.plan import KILLS, PHASES, SERVING, Point
from tests.chaos.world import World
from tests.support.lab import Repo, until
from workers.client import approvals, runs, triggers
from workers.client import releases as release_calls
from workers.core.plain_environment import plain

RUN_S = 240.0
"""After this a run counts as one that does not end."""
POLL_S = 0.1
"""How often the engine is asked where a release is, which it answers by a query."""
LENGTH_S = {"checkout": 0.2, "step": 1.3, "upload": 0.3, "scan": 0.4, "gate": 0.08, "approval": 0.5, "deploy": 0.5}
"""Usual lengths of phases, for when in a phase it hurts."""


@dataclass
class Hurt:
    point: Point
    at: float
    recovered_s: float = 0.0


@dataclass
class Carried:
    """How one run went."""

    run: str
    kind: str
    status: str = "not ended"
    seconds: float = 0.0
    hurts: list[Hurt] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


class Drive:
    def __init__(self, world: World, name: str, repo: Repo) -> None:
        self.world, self.name, self.repo = world, name, repo
        self.version = 0
        where = f"{name}-production"
        world.registrar.environment(where, plain(where))

    async def carry(self, kind: str, points: list[Point], blob_bytes: int, say: Callable[[str], None]) -> Carried:
        self.version += 1
        made = files.files(kind, self.name, self.version, self.world.ledger.address, blob_bytes)
        self.repo.commit(made)
        began = time.monotonic()
        run = await self._start()
        done = Carried(run, kind)
        try:
            async with asyncio.timeout(RUN_S + 60 * sum(point.kind == "cut" for point in points)):
                await self._through(done, {point.phase: point for point in points}, say)
                done.status = await self._result(run)
        except TimeoutError:
            done.wrong.append(f"{run} has not ended")
        done.seconds = round(time.monotonic() - began, 1)
        if done.status != "not ended":
            done.wrong += [wrong async for wrong in self._check(done)]
        return done

    async def _start(self) -> str:
        source = SourceRef(str(self.repo.path), self.repo.head)
        event = Event(EventKind.MANUAL, str(self.repo.path), self.repo.head, author="developer")
        delivery = Delivery(f"chaos-{self.repo.head}", event, "sluiceway.yaml", source, self.name)
        return (await triggers.deliver(self.world.engine, delivery)).run

    async def _result(self, run: str) -> str:
        async def ended() -> Any:
            return await runs.result(self.world.engine, run)

        return str((await until(ended, RUN_S)).status)

    async def _through(self, done: Carried, points: dict[str, Point], say: Callable[[str], None]) -> None:
        first = self.version == 1
        for phase in ("approval",) if first else PHASES[done.kind]:
            point = points.get(phase)
            if point is None and phase != "approval":
                continue
            await self._reached(done.run, phase)
            if point is not None:
                await self._hurt(done, point, say)
            if phase == "approval":
                await self._approve(done.run)

    async def _hurt(self, done: Carried, point: Point, say: Callable[[str], None]) -> None:
        await asyncio.sleep(point.delay * LENGTH_S.get(point.phase, 1.0))
        before, hurt = await self._events(done.run), Hurt(point, time.time())
        done.hurts.append(hurt)
        say(f"  {done.run} {point.phase}: {point.kind}")
        await self.world.hurt(point.kind, done.run, point.run + len(done.hurts))
        if point.phase == "approval":
            return
        # what the engine mends counts from the kill; what is repaired for it counts from then
        began = hurt.at if point.kind in KILLS and point.kind != "store" else time.time()

        async def moved() -> bool:
            if await self._events(done.run) > before or await self._ended(done.run):
                return True
            # a worker has answered, and it is people's turn; while a version serves nobody asks them, and the question
            # itself would wait for half a minute when it meets a worker that has just died
            return point.phase not in SERVING and await self._asked(done.run)

        await until(moved, RUN_S, POLL_S)
        hurt.recovered_s = round(time.time() - began, 1)
        say(f"    went on after {hurt.recovered_s} s")

    async def _events(self, run: str) -> int:
        """Of the run and its release as far as Temporal answers, and ticks that were watched."""
        ticks = self.world.settings.home / "releases"
        total = sum(file.read_bytes().count(b"\n") for file in ticks.rglob("*") if file.is_file())
        for id_ in (run, self._release):
            try:
                described = await self.world.engine.client.get_workflow_handle(id_).describe()
                total += described.history_length
            except Exception:
                if id_ == run:
                    raise
        return total

    async def _ended(self, run: str) -> bool:
        row = self.world.records.runs.get(run)
        return bool(row and row["ended_at"])

    @property
    def _release(self) -> str:
        return f"release/{self.name}/{self.name}-production/{self.version}"

    async def _reached(self, run: str, phase: str) -> None:
        """Until the run is in the phase, or past it."""
        tests: dict[str, Callable[[], Awaitable[bool]]] = {
            "checkout": lambda: self._job(run, "build", "running"),
            "step": lambda: self._in_step(run),
            "upload": lambda: self._uploads(run),
            "scan": lambda: self._job(run, "scan", "running"),
            "gate": lambda: self._job(run, "scan", "passed"),
            "approval": lambda: self._asked(run),
            "deploy": lambda: self._story("^start"),
            "ramp 10": lambda: self._story(r"watch .* at 10 %"),
            "ramp 50": lambda: self._story(r"watch .* at 50 %"),
            "promotion": lambda: self._story("^route"),
            "switch": lambda: self._story("^route"),
            "drain": lambda: self._story("^stop"),
            "compensation": lambda: self._story("back at"),
        }

        async def there() -> bool:
            return await self._ended(run) or await tests[phase]()

        await until(there, RUN_S, POLL_S if phase in SERVING else POLL_S / 5)

    def _rows(self, run: str, job: str) -> list[JobRecord]:
        return [row for row in self.world.records.runs.jobs(run) if row["job"] == job]

    async def _job(self, run: str, job: str, status: str) -> bool:
        rows = self._rows(run, job)
        return bool(rows) and rows[-1]["status"] in (status, "passed")

    def _log(self, run: str) -> str:
        rows = self._rows(run, "build")
        folder = self.world.settings.home / "jobs" / keys.job_key(run, "build", rows[-1]["attempt"] if rows else 1)
        file = folder / "log.jsonl"
        return file.read_text() if file.exists() else ""

    async def _in_step(self, run: str) -> bool:
        return '"line 1"' in self._log(run)

    async def _uploads(self, run: str) -> bool:
        return "urandom" in self._log(run)

    async def _asked(self, run: str) -> bool:
        return bool(await approvals.pending(self.world.engine, run))

    async def _story(self, what: str) -> bool:
        view = await release_calls.view(self.world.engine, self._release)
        return bool(view.verdict) or any(re.search(what, event.what) for event in view.story)

    async def _approve(self, run: str) -> None:
        async def decided() -> bool:
            if await self._ended(run) or "ok" not in await approvals.pending(self.world.engine, run):
                return True
            decision = await approvals.sign(
                self.world.engine, run, "ok", "approver", True, "", self.world.settings.keys
            )
            answer = await approvals.decide(self.world.engine, run, "ok", decision)
            return answer.counted or answer.outcome != "waiting"

        await until(decided, RUN_S)

    # -- afterwards --------------------------------------------------------------------------------------------------

    async def _check(self, done: Carried) -> Any:
        hurt = {one.point.kind for one in done.hurts}
        right = {"rolled-back"} if done.kind == "faulty" and self.version > 1 else {"passed"}
        if done.kind == "canary" and hurt & {"process", "router"}:
            right |= {"rolled-back"}  # its processes failed under people's eyes: that is evidence
        if done.status not in right:
            row = self.world.records.runs.get(done.run)
            reason = row["reason"] if row else ""
            yield f"{done.run} ({done.kind}) is {done.status}: {reason[:300]}"
        for wrong in self._effects(done, twice="supervisor" in hurt):
            yield wrong
        for wrong in self._logs(done.run):
            yield wrong
        releases = self.world.records.releases.of_run(done.run)
        if len(releases) > 1:
            yield f"{done.run} has {len(releases)} releases"

    def _effects(self, done: Carried, *, twice: bool) -> list[str]:
        """What a run reports has happened once; twice only where the supervisor of a step was killed."""
        found, counts = [], self.world.ledger.counts()
        number = done.run.rpartition("/")[2]
        for job, effects in files.STEPS.items():
            passed = any(row["status"] == "passed" for row in self._rows(done.run, job))
            for effect in effects:
                count = counts[f"{self.name}/{number}/{job}/{effect}"]
                most = 2 if twice and job == "build" else 1
                if count > most or (passed and count == 0):
                    found.append(f"{done.run}: the effect {job}/{effect} happened {count} times")
        return found

    def _logs(self, run: str) -> list[str]:
        """Every attempt's log has every number, and a passed step every line."""
        found, settings = [], self.world.settings
        store = open_store(settings.store_address, settings.store, settings.store_endpoint)
        for row in self.world.records.runs.jobs(run):
            result = serial.load(JobResult, row["result"]) if row["ended_at"] else None
            if result is not None and not result.log and (row["kind"], result.status) == ("run", "passed"):
                found.append(f"{run} {row['job']}: it passed, and its log is not there")
            if result is None or not result.log:
                continue
            lines = list(parse(store.get(result.log)))
            if [line.number for line in lines] != list(range(1, len(lines) + 1)):
                found.append(f"{run} {row['job']}: the log has a gap")
            told = [line.text for line in lines if line.text.startswith("line ")]
            if row["job"] == "build" and result.status == "passed" and len(told) != files.LINES:
                found.append(f"{run} build: {len(told)} of {files.LINES} lines are in the log")
        return found
