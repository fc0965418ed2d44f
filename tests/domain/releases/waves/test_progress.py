"""No wave begins before the one before is proven; what goes back does so last first, and ends on one version each."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from domain.releases.waves.parts import go_on
from domain.releases.waves.plan import Wave, WavePlan
from domain.releases.waves.progress import CHANGED, PATIENCE_S, Progress, Standing
from tests.support.profile import times

PLAN = WavePlan(
    waves=(
        Wave(clusters=("a",), soak_s=60),
        Wave(clusters=("b", "c", "d"), at_once=2, soak_s=10),
        Wave(clusters=("e", "f"), at_once=2),
    ),
    hold_s=600,
)


class Released(RuleBasedStateMachine):
    """A world that does what is due, and in which everything else happens in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.progress, self.now = Progress(plan=PLAN), 1000.0
        self.backs: list[str] = []

    def put(self, cluster: str, standing: Standing, **more) -> None:
        known = self.progress.of(cluster)
        self.progress.clusters[cluster] = replace(known, standing=standing, since=self.now, **more)

    def those(self, *standings: Standing) -> list[str]:
        return [one for one in PLAN.clusters if self.progress.of(one).standing in standings]

    @rule()
    def does_what_is_due(self) -> None:
        due = self.progress.due(self.now)
        for cluster in due.begin:
            wave = PLAN.wave_of(cluster)
            before = [one for earlier in PLAN.waves[:wave] for one in earlier.clusters]
            assert all(self.progress.of(one).standing is Standing.LIVE or self.excused(one) for one in before)
            assert all(self.soaked(index) for index in range(wave))
            self.put(cluster, Standing.RELEASING)
            assert len([one for one in PLAN.waves[wave].clusters if one in self.those(Standing.RELEASING)]) <= (
                PLAN.waves[wave].at_once
            )
        for cluster in due.back:
            later = [one for wave in PLAN.waves[PLAN.wave_of(cluster) + 1 :] for one in wave.clusters]
            assert not any(self.progress.of(one).standing in (Standing.LIVE, Standing.RELEASING) for one in later)
            late = [self.progress.of(one) for one in later if self.progress.of(one).standing is Standing.RETURNING]
            assert all(one.since + PATIENCE_S <= self.now for one in late)
            self.put(cluster, Standing.RETURNING)
        if due.overdue:
            self.progress.returning = "nobody came"

    def excused(self, cluster: str) -> bool:
        state = self.progress.of(cluster)
        return state.excused or state.standing is Standing.LEFT_OUT

    def soaked(self, index: int) -> bool:
        wave = PLAN.waves[index]
        live = [self.progress.of(one) for one in wave.clusters if self.progress.of(one).standing is Standing.LIVE]
        return index <= self.progress.hurried or all(one.since + wave.soak_s <= self.now for one in live)

    @precondition(lambda self: self.those(Standing.RELEASING))
    @rule(data=st.data(), standing=st.sampled_from([Standing.LIVE, Standing.LIVE, Standing.BACK, Standing.BROKEN]))
    def a_cluster_ends(self, data, standing) -> None:
        self.put(data.draw(st.sampled_from(self.those(Standing.RELEASING))), standing)

    @precondition(lambda self: self.those(Standing.RETURNING))
    @rule(data=st.data(), standing=st.sampled_from([Standing.BACK, Standing.BROKEN, Standing.LIVE, Standing.KEPT]))
    def a_cluster_is_back(self, data, standing) -> None:
        self.put(data.draw(st.sampled_from(self.those(Standing.RETURNING))), standing)

    @rule(seconds=st.sampled_from([5, 30, 200, 1000]))
    def time_passes(self, seconds) -> None:
        self.now += seconds

    @rule(on=st.booleans())
    def is_paused(self, on) -> None:
        self.progress.paused = on

    @rule(doubt=st.sampled_from(["", "", "suspicious"]))
    def the_clusters_show_something_together(self, doubt) -> None:
        self.progress.doubted(doubt, self.now)
        if not doubt:
            assert not self.progress.trusted

    @rule(closed=st.sampled_from(["", "outside of mon-thu"]))
    def windows_are_asked(self, closed) -> None:
        self.progress.closed, self.progress.opens_at = closed, self.now + 60

    @rule()
    def somebody_goes_on(self) -> None:
        go_on(self.progress)
        assert not self.progress.failed

    @rule()
    def somebody_is_in_a_hurry(self) -> None:
        self.progress.hurried = self.progress.wave - 1

    @rule(chance=st.integers(0, 5))
    def somebody_aborts(self, chance) -> None:
        if chance == 0:
            self.progress.returning = "aborted"

    @invariant()
    def an_end_leaves_every_cluster_on_one_version(self) -> None:
        if self.progress.due(self.now).over:
            standings = {self.progress.of(one).standing for one in PLAN.clusters}
            if self.progress.returning:
                assert not standings & CHANGED
            else:
                assert all(
                    self.progress.of(one).standing is Standing.LIVE or self.excused(one) for one in PLAN.clusters
                )

    @invariant()
    def while_paused_failed_doubted_or_closed_nothing_begins(self) -> None:
        doubted = self.progress.doubt and not self.progress.trusted
        doubted = doubted or (self.progress.closed and self.now < self.progress.opens_at)
        if self.progress.paused or self.progress.failed or self.progress.returning or doubted:
            assert self.progress.due(self.now).begin == ()

    @invariant()
    def something_is_due_or_awaited(self) -> None:
        due = self.progress.due(self.now)
        moving = self.those(Standing.RELEASING, Standing.RETURNING)
        assert due.over or due.begin or due.back or due.overdue or moving or due.until or self.progress.paused


TestReleased = Released.TestCase
TestReleased.settings = settings(max_examples=times(20, 60), stateful_step_count=40, deadline=None)


@given(st.integers(0, 2))
def test_a_release_without_trouble_goes_live_everywhere_in_the_order_of_its_waves(index) -> None:
    progress, now = Progress(plan=PLAN), 0.0
    begun: list[str] = []
    while not (due := progress.due(now)).over:
        begun += due.begin
        now = due.until or now + 1
        for cluster in due.begin:
            progress.clusters[cluster] = replace(progress.of(cluster), standing=Standing.LIVE, since=now)

    assert begun == list(PLAN.clusters)
    assert now >= 70


def test_the_way_back_takes_the_last_wave_first() -> None:
    progress = Progress(plan=PLAN, returning="it is bad")
    for cluster in PLAN.clusters[:5]:
        progress.clusters[cluster] = replace(progress.of(cluster), standing=Standing.LIVE)
    order = []
    while not (due := progress.due(0.0)).over:
        order.append(due.back)
        for cluster in due.back:
            progress.clusters[cluster] = replace(progress.of(cluster), standing=Standing.BACK)

    assert order == [("e",), ("d", "c", "b"), ("a",)]
