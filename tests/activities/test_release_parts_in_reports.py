"""A run's report shows each cluster or service of its releases, with what it was judged by."""

from __future__ import annotations

import hashlib
import json
from types import SimpleNamespace
from typing import Any, cast

import pytest

from activities.evidence.records import Records
from activities.evidence.run_report import Reporter
from activities.storage.port import Store
from domain.core.errors import SluicewayError
from domain.runs.record import RunRecord

WHOLE, PART = "release/web/prod/2", "release/web/prod@eu-1/2"
TICK = json.dumps(
    {"at": 1, "evidence": {"errors": [9.5, 8.0, 7, 1_200, 0, 900], "slow90": [0.1, 8.0, 9, 1_200, 9, 900]}}
)

RUN = RunRecord(
    id="run/web/1",
    pipeline="web",
    number=1,
    attempt=1,
    commit_id="",
    status="failed",
    stopped_by="",
    reason="",
    started_at=1.0,
    ended_at=2.0,
    plan="",
    event='{"kind": "push", "branch": "main", "tag": "", "author": "ann", "message": ""}',
    report="",
    source="{}",
    path="",
)


class Kept:
    """What is stored by digest."""

    def __init__(self, data: bytes, away: bool = False) -> None:
        self.data, self.away = {hashlib.sha256(data).hexdigest(): data}, away

    def get(self, digest: str) -> bytes:
        if self.away or digest not in self.data:
            raise SluicewayError("SLW804" if self.away else "SLW801", "not there", transient=self.away)
        return self.data[digest]


def reporter(store: Kept, ticks: str = "", *, services: bool = False, under_way: bool = False) -> Reporter:
    states = {
        "eu-1": {"wave": 1, "standing": "back", "release": PART, "since": 1e9, "reason": "<b>worse</b>"},
        "us-1": {"wave": 2, "standing": "left-out"},
    }
    shown = {"metric": "errors", "evidence": 6.5, "threshold": 5.25, "new": [9, 2_400], "stable": [0, 1_800]}
    results: dict[str, dict[str, object]] = {
        WHOLE: {"verdict": "rolled-back", "clusters": states, "services": services, "pooled": {"metrics": [shown]}},
        PART: {"verdict": "live"},
    }
    if ticks:
        results[PART] |= {"ticks": ticks, "policy": {}, "baseline": {}}
    runs: Any = SimpleNamespace(get=lambda _: RUN, jobs=lambda _: [])
    rows = [{"id": id_, "result": "{}" if under_way else json.dumps(result)} for id_, result in results.items()]
    records: Any = SimpleNamespace(runs=runs, releases=SimpleNamespace(of_run=lambda _: rows))
    return Reporter(cast(Records, records), cast(Store, store))


@pytest.mark.parametrize(("services", "part"), [(False, "cluster"), (True, "service")])
def test_a_report_has_a_row_for_each_part_with_its_requests_and_worst_evidence(services: bool, part: str) -> None:
    store = Kept(TICK.encode())
    page = reporter(store, next(iter(store.data)), services=services).html("run/web/1").decode()

    assert f"<th>{part}</th>" in page
    row = page[page.index(">eu-1<") : page.index(">us-1<")]
    assert ">1200<" in row.replace(",", "")
    assert "errors 9.5 of 8.0" in row
    assert "&lt;b&gt;worse" in row
    assert ">left-out<" in page[page.index(">us-1<") :]
    assert "together: errors 6.5 of 5.2 at 2,400 requests" in page


def test_a_report_without_the_ticks_of_a_part_still_has_its_row() -> None:
    whole, part = reporter(Kept(b""), "0" * 64).facts("run/web/1").releases

    assert [(one.name, one.requests, one.evidence) for one in whole.parts] == [("eu-1", 0, ""), ("us-1", 0, "")]
    assert part.parts == []


def test_no_report_is_made_while_the_ticks_of_a_part_are_away() -> None:
    with pytest.raises(SluicewayError, match="SLW804"):
        reporter(Kept(b"", away=True), "0" * 64).html("run/web/1")


def test_a_report_says_of_a_release_under_way_that_it_is() -> None:
    page = reporter(Kept(b""), under_way=True).html("run/web/1").decode()

    assert page.count("in progress") == 2
