"""What is live is known by the commit that its run had, however the run was started."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from activities.runs.live_commits import LiveCommits
from tests.support.recorded import a_run
from workers.core.records import Records

REPO, COMMIT, HEAD = "/srv/web", "c" * 40, "a" * 40


@pytest.mark.parametrize(
    ("event", "source", "live"),
    [
        ({"kind": "push"}, REPO, COMMIT),
        ({"kind": "manual"}, REPO, COMMIT),
        ({"kind": "schedule"}, REPO, COMMIT),
        ({"kind": "manual", "head": HEAD}, f"snapshot:{REPO}", HEAD),
        ({"kind": "manual"}, f"snapshot:{REPO}", ""),
        ({"kind": "manual"}, "", ""),
    ],
    ids=["a push", "a branch by hand", "a schedule", "a folder by hand", "a folder without commits", "an old record"],
)
def test_the_commit_of_what_is_live(tmp_path: Path, event: dict[str, str], source: str, live: str) -> None:
    records = Records.at(tmp_path / "records.db")
    told = json.dumps({"repo": REPO, "commit": COMMIT, **event})
    run = a_run("run/web/1", commit=COMMIT)
    records.runs.start(replace(run, event=told, source=json.dumps({"repo": source, "commit": COMMIT})))
    records.releases.start("release/web/production/1", "web", "production", 1, "run/web/1")
    records.releases.end("release/web/production/1", json.dumps({"verdict": "live", "version": "1"}))
    assert LiveCommits(records.runs, records.releases)("production", REPO) == (live,)
