"""The inbox, on each database: what waits is listed, oldest first, until it is decided, expired, or its run has ended."""

from __future__ import annotations

from dataclasses import replace

from activities.access.approval_lists import ApprovalLists
from activities.storage.changes import ChangeReader
from activities.storage.condition import Condition
from domain.approvals.opening import Opening
from domain.approvals.request import ChangeAuthors
from domain.approvals.spec import ApprovalSpec
from tests.support.recorded import a_job, a_run
from workers.core.records import Records

NOW = 1_000.0
ALL = Condition()
ASKED = Opening(run="run/web/1", job="ok", pipeline="web", environment="prod", spec=ApprovalSpec(quorum=2), at=NOW)


def waits(records: Records, *more: Opening) -> None:
    for one in more:
        records.approvals.open(f"approval/{one.run.removeprefix('run/')}/{one.job}", one, one.at + 100)


def listed(records: Records, now: float = NOW, may: Condition = ALL) -> list[str]:
    return [one.id for one in ApprovalLists(records.database).open(now, None, 50, may)]


def test_what_waits_is_listed_oldest_first_and_page_by_page(records: Records) -> None:
    waits(records, *(replace(ASKED, job=f"job-{at}", at=NOW + at % 3) for at in range(9)))
    lists, found, after = ApprovalLists(records.database), list[str](), None
    while part := lists.open(NOW, after, 2, ALL):
        found += [one.id for one in part]
        after = (part[-1].opening.at, part[-1].id)

    assert found == listed(records)
    assert len(set(found)) == 9


def test_it_is_listed_until_somebody_decides_or_its_time_is_over(records: Records) -> None:
    waits(records, ASKED, replace(ASKED, job="later", at=NOW + 50))
    records.approvals.close("approval/web/1/ok", "granted", NOW + 1)
    records.approvals.close("approval/web/1/ok", "refused", NOW + 2)
    one = ApprovalLists(records.database).get("approval/web/1/ok")

    assert (listed(records), listed(records, NOW + 151)) == (["approval/web/1/later"], [])
    assert one is not None
    assert (one.outcome, one.closed) == ("granted", True)
    told = [row for row in ChangeReader(records.database).after(0, 100) if row.topic == "approvals"]
    assert [(row.seq, row.key) for row in told] == [(2, "approval/web/1/later"), (3, "approval/web/1/ok")]


def test_what_ended_otherwise_waits_no_more(records: Records) -> None:
    again, cell = replace(ASKED, job="ok/2"), replace(ASKED, run="run/web/2", job="each[1]")
    step = replace(ASKED, run="release/web/prod/3", job="half")
    waits(records, ASKED, again, cell, step)
    records.runs.start(a_run("run/web/1"))
    records.runs.start(a_run("run/web/2"))
    records.runs.record_job(a_job("run/web/1", "failed", (1.0, 2.0), job="ok"))
    assert "approval/web/1/ok" not in listed(records)
    assert "approval/web/1/ok/2" in listed(records)
    records.runs.record_job(a_job("run/web/1", "passed", (1.0, 2.0), job="ok", attempt=2))
    records.runs.end("run/web/2", "cancelled", "", "", "", NOW)
    assert listed(records) == ["approval/release/web/prod/3/half"]
    records.releases.start("release/web/prod/3", "web", "prod", 3, "run/web/1")
    records.releases.end("release/web/prod/3", "{}")
    assert listed(records) == []


def test_it_keeps_what_it_was_opened_with_and_who_made_the_change(records: Records) -> None:
    waits(records, ASKED)
    waits(records, replace(ASKED, environment="other"))
    people = ChangeAuthors("a", "b", "c", asked=True, authors=("ann@work.test",))
    records.approvals.made_by("approval/web/1/ok", people)
    records.approvals.made_by("approval/none/1/ok", people)
    (one,) = ApprovalLists(records.database).open(NOW, None, 50, ALL)

    assert (one.opening, one.people, one.expires_at) == (ASKED, people, NOW + 100)


def test_a_condition_of_rights_holds(records: Records) -> None:
    waits(records, ASKED, replace(ASKED, run="run/api/1", pipeline="api"))
    assert listed(records, may=Condition(sql="pipeline = :mine", values={"mine": "api"})) == ["approval/api/1/ok"]
