"""A release as clients see it: under way, steered, and what it left live."""

from __future__ import annotations

from domain.access.actions import Action
from domain.access.principal import Caller, Principal, PrincipalKind
from tests.support.guards import OpenGuard
from tests.support.lab import until
from tests.workflows.releases.judged import first, reached, second, text
from workers.client.on_engine.parts import EngineParts
from workers.client.on_engine.releases.releases import EngineReleases
from workers.client.ports.pages import PageOf

ANN = Caller(principal=Principal(kind=PrincipalKind.PERSON, name="ann"), channel="api")


async def test_a_canary_is_seen_and_steered_and_the_environment_says_what_is_live(memory):
    lab, _, source = memory
    parts = EngineParts(lab.settings, lab.records.database, lambda: lab.wired.store, opened=lab.records)
    parts._engine, guard = lab.engine, OpenGuard(ANN)
    releases = EngineReleases(parts, guard)
    await first(lab, "seen")
    source.per_tick = 4  # too little for evidence
    run = await lab.start(text("seen", "2"))
    release = await second(lab)
    await reached(lab, release, 5)
    reads = source.reads
    await until(lambda: source.reads > reads + 8)

    seen = await releases.show(release)
    assert (seen.row.version, seen.row.strategy, seen.row.verdict, seen.previous) == ("2", "canary", "", "1")
    assert seen.percent > 0
    assert seen.evidence
    assert seen.ticks
    assert seen.story
    assert "pause" in await releases.steer(release, "pause", "lunch", key="k")
    assert (await releases.show(release)).paused
    (held,) = [one for one in (await releases.environments(PageOf())).items if one.name == "seen"]
    assert (held.holder, held.services, held.live[0].version) == (release, 1, "1")
    assert await releases.steer(release, "promote", "it is fine", key="p")
    assert (await lab.result(run)).status == "passed"
    await until(lambda: lab.records.releases.of_run(run)[0]["ended_at"])

    ended = await releases.show(release)
    assert (ended.row.verdict, ended.percent, ended.row.run) == ("live", 100, run)
    assert ended.evidence
    assert ended.ticks
    assert ended.story
    (live,) = (await releases.live("seen", "", PageOf())).items
    assert (live.version, live.release, live.service) == ("2", release, "web")
    assert [row.version for row in (await releases.list("web", "seen", PageOf())).items] == ["2", "1"]
    assert [told.action for told in guard.used] == [Action.RELEASES_PAUSE, Action.RELEASES_PROMOTE]
