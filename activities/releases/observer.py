"""The observer of a release: reads both versions' counters tick by tick, and returns when the judge decides.

A tick is written to the tick file before it is counted. A restarted observer reads the file and continues; no tick
counts twice. The workflow judges the same ticks again before it acts.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError
from temporalio import activity

from activities.core.cancellation import Heartbeat
from activities.core.errors import as_failure
from activities.releases import port
from activities.releases.clock import Clock, RealClock
from activities.releases.metric_sources.port import Comparison, MetricSource, Sources
from activities.releases.port import LIMIT_S, Observed, ObserveInput
from activities.releases.shared_ticks import SharedTicks
from activities.releases.tick_file import TickFile
from activities.storage.port import Store
from domain.core.documents import Manifest, Node, Object
from domain.core.errors import SluicewayError
from domain.releases import counters
from domain.releases.counters import CounterSample
from domain.releases.judge.judge import Judge
from domain.releases.judge.ramp import Decision, RampDecision, decide
from domain.releases.judge.recording import with_ratio
from domain.releases.judge.ticks import Row, Tick, arm_to, row_of, tick_from

MAX_ROWS = 1500
TOLD_EACH_S = 2.0
GUARDED_EACH_S = 5.0
Guard = Callable[[Comparison], Awaitable[list[str]]]
"""Puts back what others have changed of the route; returns who had changed what."""


async def _unguarded(watched: Comparison) -> list[str]:
    """For who has no cluster."""
    return []


@dataclass
class ObserverActivities(port.ObserverActivities):
    """`root`: the folder of tick files."""

    root: Path
    store: Store
    sources: Sources
    clock: Clock = field(default_factory=RealClock)
    moved: Callable[[str], None] = lambda release: None
    """Tells pages that a release has another tick; blocking."""
    guard: Guard = _unguarded
    shared: SharedTicks | None = None
    """For workers on other machines; None: there are none."""

    @activity.defn(name="observe-release")
    async def observe(self, input: ObserveInput) -> Observed:
        """Continues from an earlier attempt's tick file."""
        file = await asyncio.to_thread(self._file, input.release)
        observer = _Observer(
            input=input,
            file=file,
            shared=self.shared if input.shared else None,
            sources=self.sources(input.watched.policy),
            clock=self.clock,
            moved=self.moved,
            guard=self.guard,
        )
        async with Heartbeat(lambda: observer.judge.last):
            return await observer.run()

    @activity.defn(name="keep-ticks")
    async def keep(self, release: str) -> str:
        """Stores the ticks for the release's record; returns their digest."""
        try:
            path = (await asyncio.to_thread(self._file, release)).path
            return await asyncio.to_thread(self.store.put_file, path) if path.exists() else ""
        except SluicewayError as broken:
            raise as_failure(broken) from broken

    def _file(self, release: str) -> TickFile:
        """With what an observer on another machine has counted of a part of a whole, unless the database is away."""
        file = TickFile(self.root, release)
        if self.shared is not None:
            with contextlib.suppress(SQLAlchemyError):
                file.restore(self.shared.since({release: 0})[release])
        return file


@dataclass(kw_only=True)
class _Observer:
    input: ObserveInput
    file: TickFile
    sources: list[MetricSource]
    clock: Clock
    moved: Callable[[str], None]
    guard: Guard
    shared: SharedTicks | None = None
    lines: list[Object] = field(default_factory=list)
    """That are still to be shared."""
    shared_lines: int = 0
    told_at: float = 0.0
    guarded_at: float = 0.0
    judge: Judge = field(init=False)
    ticks: list[Tick] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    last: CounterSample = field(default_factory=lambda: CounterSample(0.0))
    last_at: float = 0.0
    gap_since: float = 0.0

    def __post_init__(self) -> None:
        watched = self.input.watched
        self.metrics = [metric.name for metric in watched.policy.metrics]
        self.judge = Judge(watched.policy, watched.baseline.phi)
        lines = self.file.read()
        for line in lines:
            if "tick" in line:
                self._count(tick_from(line))
                self.lines.append(line)
        if lines:
            self.last, self.last_at = _sample(lines[-1]), Node(lines[-1]).need_number("at")

    async def run(self) -> Observed:
        until = time.monotonic() + LIMIT_S
        if not self.last_at:
            await self._first()
        await self._share()
        while True:
            decision = decide(self.judge, self.input.goal)
            if self._worth_returning(decision) and decision.call is not RampDecision.FAULT:
                reason = await asyncio.to_thread(with_ratio, decision.reason, self.ticks, self.judge)
                decision = replace(decision, reason=reason)
            if self._worth_returning(decision) or time.monotonic() > until or len(self.rows) >= MAX_ROWS:
                return Observed(
                    decision.call,
                    decision.reason,
                    self.judge.last,
                    tuple(self.rows[:MAX_ROWS]),
                    self.file.digest(),
                    tuple(self.notes[:20]),
                )
            await self.clock.sleep(self.last_at + self.input.watched.policy.tick_s - self.clock.now())
            await self._tick()

    def _worth_returning(self, decision: Decision) -> bool:
        if decision.call is RampDecision.WAIT:
            return decision.inconclusive and not self.input.held_known
        return decision.call is not RampDecision.FAULT or not self.input.fault_known

    async def _first(self) -> None:
        """The counters before the first tick."""
        while not self.last_at:
            reading = await self._read()
            if reading is None:
                await self.clock.sleep(min(self.input.watched.policy.tick_s, 1.0))
                continue
            self.last, self.last_at = reading, self.clock.now()
            self.file.begin({"at": self.last_at, **_readings(reading)})

    async def _tick(self) -> None:
        tick_s, previous_at = self.input.watched.policy.tick_s, self.last_at
        reading = await self._read()
        if reading is None or not counters.usable(self.last, reading):
            self.last_at += tick_s  # the next increase spans both ticks, for both arms
            self.skipped += 1
            return
        now = self.clock.now()
        number = self.judge.last + 1 + self.skipped
        self.skipped = 0
        tick = self._made(number, reading)
        notes = [*self._noted(reading, now), *await self._guarded(now)]
        self.notes += notes
        line = self._line(tick, reading, now, notes)
        self.file.append(line)
        self.lines.append(line)
        self.last, self.last_at = reading, max(previous_at + tick_s, now - tick_s)
        self._count(tick)
        await self._share()
        await self._tell(now)

    async def _share(self) -> None:
        """What a database that is away has missed is sent with the next tick."""
        if self.shared is None:
            self.lines.clear()
        else:
            with contextlib.suppress(SQLAlchemyError):
                await asyncio.to_thread(self.shared.add, self.input.release, self.shared_lines, self.lines)
                self.shared_lines += len(self.lines)
                self.lines.clear()

    skipped: int = 0

    async def _tell(self, now: float) -> None:
        """Pages; a database that is away holds up no release."""
        if now - self.told_at >= TOLD_EACH_S:
            self.told_at = now
            with contextlib.suppress(SQLAlchemyError):
                await asyncio.to_thread(self.moved, self.input.release)

    async def _guarded(self, now: float) -> list[str]:
        """What others had changed of the route; one that cannot be looked at holds up no release."""
        if now - self.guarded_at < GUARDED_EACH_S:
            return []
        self.guarded_at = now
        try:
            return await self.guard(self.input.watched)
        except SluicewayError as broken:
            activity.logger.warning("the route is not looked after: %s", broken)
            return []

    async def _read(self) -> CounterSample | None:
        try:
            return counters.merged([await source.read(self.input.watched) for source in self.sources])
        except SluicewayError as broken:
            self.gap_since = self.gap_since or self.clock.now()
            activity.logger.warning("%s", broken)
            return None

    def _made(self, number: int, reading: CounterSample) -> Tick:
        watched, goal = self.input.watched, self.input.goal
        arms = {
            name: counters.arm(self.last.arms.get(name, {}), now, watched.policy) for name, now in reading.arms.items()
        }
        dwelt_s = self.judge.dwelt_s if self.judge.stage == goal.stage else 0.0
        warming = self.input.rescaled and dwelt_s < watched.policy.warmup_s
        return Tick(number, arms["canary"], arms["stable"], watched.percent, goal.stage, warming)

    def _noted(self, reading: CounterSample, now: float) -> list[str]:
        notes = []
        known, read = self.last.arms.get("stable", {}), reading.arms.get("stable", {})
        if any(counters.reset(known[name], read[name]) for name in known if name in read):
            notes.append("the counters were reset: the router was restarted")
        if self.gap_since:
            away_s = now - self.gap_since
            lost = f", with about {away_s * self.input.watched.baseline.requests_per_s:.0f} requests"
            notes.append(f"the counters could not be read for {away_s:.1f} s{lost}")
            self.gap_since = 0.0
        return notes

    def _line(self, tick: Tick, reading: CounterSample, now: float, notes: list[str]) -> Manifest:
        watched = self.input.watched
        return {
            "series": self.input.release,
            "tick": tick.number,
            "canary": arm_to(tick.canary),
            "stable": arm_to(tick.stable),
            "percent": tick.percent,
            "stage": tick.stage,
            "tick_s": watched.policy.tick_s,
            "phi": dict(watched.baseline.phi),
            "at": round(now, 3),
            "evidence": self._evidence(),
            **({"warming": True} if tick.warming else {}),
            **({"notes": notes} if notes else {}),
            **_readings(reading),
        }

    def _evidence(self) -> Manifest:
        """Of the ticks before this one, for pages: evidence, threshold, and events and requests of both versions."""
        return {
            name: [round(one.process.evidence, 3), round(one.threshold, 3), *one.canary, *one.stable]
            for name, one in self.judge.evidence.items()
        }

    def _count(self, tick: Tick) -> None:
        if not self.judge.feed(tick):
            return
        self.ticks.append(tick)
        if tick.number > self.input.known:
            self.rows.append(row_of(tick, self.metrics))


def _sample(line: Object) -> CounterSample:
    """What `_readings` has written into a line."""
    arms = {
        arm: {name: {key: value.need_number() for key, value in series.fields()} for name, series in counters.fields()}
        for arm, counters in Node(line).need("last").fields()
    }
    return CounterSample(Node(line).need_number("read_at"), arms)


def _readings(reading: CounterSample) -> Manifest:
    return {"read_at": reading.at, "last": {arm: dict(series) for arm, series in reading.arms.items()}}
