"""The clusters or services of a release as people see them: in lines, in the live view, and line by line in a log."""

from __future__ import annotations

import io
from dataclasses import asdict, replace
from typing import cast

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from domain.core.documents import Node
from domain.releases.actions import ReleaseResult, ReleaseVerdict
from domain.releases.judge.told import Pooled, Told
from tests.support.profile import times
from workers.client.on_engine.releases.release_rows import evidence_together
from workers.client.ports.releases import ClusterRow, EvidenceRow, ReleaseDetails, ReleaseRow, Releases
from workers.views import release_parts
from workers.views.release_progress import explained, follow, picture, plain

ROW = ReleaseRow(id="release/web/prod/2", service="web", environment="prod", number=2, version="2", strategy="canary")
SLOW = EvidenceRow(metric="slow90", evidence=1.0, threshold=10.0, canary_requests=400)
ERRORS = EvidenceRow(metric="errors", evidence=4.0, threshold=8.0, canary_events=3, canary_requests=1_400)
PARTS = (
    ClusterRow(cluster="eu-1", wave=1, standing="live", percent=100, since=1e9, reason="version 2 is live"),
    ClusterRow(cluster="us-west", wave=2, standing="releasing", percent=12.5, since=1e9, evidence=(SLOW, ERRORS)),
    ClusterRow(cluster="us-2", wave=2, standing="back", since=1e9, reason="not ready", evidence=(ERRORS,)),
    ClusterRow(cluster="ap-1", wave=3),
)
SHOWN = Pooled(
    worse=True, metrics=(Told(metric="errors", evidence=6.5, threshold=5.0, new=(9, 2_400), stable=(0, 1_800)),)
)
MANY = ReleaseDetails(row=ROW, clusters=PARTS, doing="2 releasing")


def test_each_cluster_has_a_line_with_wave_state_weight_requests_evidence_and_why() -> None:
    head, live, releasing, back, waiting = release_parts.lines(MANY)

    assert head.split() == ["wave", "cluster", "state", "weight", "requests", "evidence", "since", "why"]
    assert live.split()[:5] == ["1", "eu-1", "live", "100", "%"]
    assert live.endswith("version 2 is live")
    assert " ".join(releasing.split()[:10]) == "2 us-west releasing 12.5 % 1,400 errors 4.0 of 8.0"
    assert " ".join(back.split()[:8]) == "2 us-2 back 1,400 errors 4.0 of 8.0"
    assert back.endswith("not ready")
    assert waiting.split() == ["3", "ap-1", "waiting"]
    assert release_parts.heads(replace(MANY, services=True))[:2] == ("turn", "service")
    assert set(release_parts.lines(MANY)) < set(plain(MANY))


def test_what_all_parts_showed_together_is_told_of_a_release_that_has_ended() -> None:
    result = Node(asdict(ReleaseResult(verdict=ReleaseVerdict.ROLLED_BACK, version="2", pooled=SHOWN)))
    ended = replace(MANY, evidence=evidence_together(result), row=replace(ROW, verdict="rolled-back", ended_at=1e9))

    assert list(release_parts.together(ended)) == ["  together: errors 6.5 of 5.0 at 2,400 requests"]
    assert "  together: errors 6.5 of 5.0 at 2,400 requests" in explained(ended)
    assert not evidence_together(Node())


def test_the_live_view_has_the_table_where_one_weight_would_say_nothing() -> None:
    shown_to = io.StringIO()
    Console(file=shown_to, width=140).print(picture(MANY))
    shown = shown_to.getvalue()

    assert all(part.cluster in shown for part in PARTS)
    assert "errors 4.0 of 8.0" in shown
    assert "weight" in shown
    assert "0 %\n" not in shown


TEXT = st.text(max_size=20)
EVIDENCE = st.builds(
    EvidenceRow,
    metric=TEXT,
    evidence=st.floats(allow_nan=False, allow_infinity=False),
    threshold=st.floats(allow_nan=False, allow_infinity=False, min_value=0),
    canary_requests=st.integers(0, 10**12),
)
ROWS = st.builds(
    ClusterRow,
    cluster=TEXT,
    wave=st.integers(0, 99),
    standing=TEXT,
    percent=st.floats(0, 100),
    reason=TEXT,
    since=st.floats(0, 4e9),
    evidence=st.lists(EVIDENCE, max_size=3).map(tuple),
)


@settings(max_examples=times(10, 30))
@given(st.lists(ROWS, min_size=1, max_size=4))
def test_no_word_of_a_part_breaks_the_table_or_the_terminal(rows: list[ClusterRow]) -> None:
    lines = list(release_parts.lines(replace(MANY, clusters=tuple(rows))))
    assert len(lines) == len(rows) + 1
    assert all("\x1b" not in line and "\n" not in line for line in lines)
    shown_to = io.StringIO()
    Console(file=shown_to, width=120).print(release_parts.picture(replace(MANY, clusters=tuple(rows))))


class Recorded:
    """Releases that are seen in one state after the other."""

    def __init__(self, *seen: ReleaseDetails) -> None:
        self.seen = list(seen)

    async def show(self, id_: str) -> ReleaseDetails:
        return self.seen.pop(0)


async def test_a_log_tells_each_weight_of_a_cluster_once(capsys, monkeypatch) -> None:
    monkeypatch.setattr("workers.views.release_progress.POLL_S", 0)
    further = replace(PARTS[1], percent=50.0)
    ended = replace(MANY, row=replace(ROW, verdict="live", reason="live in 4 clusters", ended_at=1.0))
    seen = (MANY, MANY, replace(MANY, clusters=(PARTS[0], further)), ended)

    assert await follow(cast(Releases, Recorded(*seen)), ROW.id) == "live"
    told = capsys.readouterr().out
    assert told.count("us-west at 12.5 %: 1,400 requests, errors 4.0 of 8.0") == 1
    assert told.count("us-west at 50 %") == 1
    assert told.count("eu-1 at 100 %") == 1
    assert "at 0 %" not in told


@given(st.sampled_from(["", "live", "rolled-back", "aborted", "failed"]), st.booleans())
def test_a_release_is_under_way_replaced_or_what_it_ended_as(verdict: str, replaced: bool) -> None:
    row = replace(ROW, verdict=verdict, replaced=replaced and verdict == "live")
    assert row.standing == ("running" if not verdict else "replaced" if row.replaced else verdict)
