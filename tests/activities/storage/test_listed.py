"""Lists show what an older engine has recorded as if this one had: also events and results that are no such thing."""

from __future__ import annotations

import json
from pathlib import Path

from activities.releases.release_lists import ReleaseLists
from activities.runs.run_lists import RunLists, WantedRuns
from activities.storage.condition import Condition
from tests.activities.storage.homes import BEFORE, home_of_before
from workers.core.records import Records

EVENT = json.dumps(
    {
        "kind": "push",
        "repo": "/srv/web",
        "branch": "main",
        "author": "Ann <a@b.c>",
        "message": "One\n\ntwo",
        "actor": "eve",
    }
)
HOSTILE = json.dumps({"kind": ["x"], "branch": {"a": 1}, "author": None, "message": 7})


def _run(id_: str, number: int, attempt: int, event: str) -> str:
    return (
        f"('{id_}', 'web', {number}, 'c0ffee', 'passed', '', '', {number}.{attempt}, 9.5, '', '{event}', '', {attempt},"
        " '{}', 'p.yaml')"
    )


def _release(number: int, ended: str, result: dict[str, str]) -> str:
    return (
        f"('release/web/production/{number}', 'web', 'production', {number}, 'run/web/1', {number}, {ended},"
        f" '{json.dumps(result)}')"
    )


ROWS = f"""
insert into runs values {_run("run/web/1", 1, 1, EVENT)}, {_run("run/web/1.2", 1, 2, HOSTILE)},
  {_run("run/web/2", 2, 1, "not json")}, {_run("run/web/3", 3, 1, "[1]")};
insert into releases values {_release(1, "5", {"verdict": "live", "version": "1.0", "strategy": "canary"})},
  {_release(2, "6", {"verdict": "rolled-back", "version": "1.1", "reason": "errors"})},
  {_release(3, "null", {})};
"""


def test_a_home_of_before_has_its_lists(tmp_path: Path) -> None:
    records = Records.at(home_of_before(tmp_path / "records.db", BEFORE + ROWS))
    listed = {row["id"]: row for row in RunLists(records.database).runs(WantedRuns(), None, 10, Condition())}
    first = listed["run/web/1"]
    assert (first["branch"], first["event_kind"], first["author"], first["message"], first["actor"]) == (
        *("main", "push", "Ann <a@b.c>"),
        *("One", ""),
    )
    assert {(listed[id_]["branch"], listed[id_]["message"]) for id_ in ("run/web/1.2", "run/web/2", "run/web/3")} == {
        ("", "")
    }
    pipeline = RunLists(records.database).pipeline("web")
    assert pipeline == {"name": "web", "repository": "/srv/web", "path": "p.yaml", "last_run": "run/web/3", "runs": 3}


def test_what_was_live_is_live(tmp_path: Path) -> None:
    records = Records.at(home_of_before(tmp_path / "records.db", BEFORE + ROWS))
    lists = ReleaseLists(records.database)
    (live,) = lists.live("", "", ("", ""), 10, Condition())
    assert (live["version"], live["release"], live["since"]) == ("1.0", "release/web/production/1", 5)
    listed = lists.releases("", "", None, 10, Condition())
    assert [(row["version"], row["verdict"], row["reason"]) for row in listed] == [
        ("", "", ""),
        ("1.1", "rolled-back", "errors"),
        ("1.0", "live", ""),
    ]
