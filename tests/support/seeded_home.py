"""A home with the records of a large installation: 100,000 runs, and 10,000 services live in 50 environments.

Written by the tables' own columns in a few statements, since the stores write a run at a time.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Table

from activities.access.definition_store import DEFINITIONS
from activities.releases.release_store import LIVE, RELEASES
from activities.runs.run_store import JOBS, PIPELINES, RUNS
from domain.core import ids
from domain.core.documents import Node
from workers.core.plain_environment import plain
from workers.core.records import Records

NOW = 1_800_000_000.0
STATUSES = ("passed", "passed", "passed", "passed", "failed", "cancelled", "rolled-back", "refused")
NAMES = ("Ann Kim <ann@example.com>", "Bob Lee <bob@example.com>", "김하나 <hana@example.com>")
AT_ONCE = 5_000


@dataclass(frozen=True)
class Size:
    """Of an installation."""

    runs: int = 100_000
    services: int = 10_000
    environments: int = 50
    jobs: int = 5
    """Of each run."""


def fill(records: Records, size: Size) -> None:
    """Writes everything; the same of one size each time."""
    dice = random.Random(7)
    _write(records, RUNS, _runs(size, dice))
    _write(records, PIPELINES, _pipelines(size))
    _write(records, JOBS, (job for number in range(size.runs) for job in _jobs(size, number)))
    _write(records, RELEASES, _releases(size, dice))
    _write(records, LIVE, _live(size))
    _write(records, DEFINITIONS, _definitions(size))
    with records.database.write() as connection:
        connection.exec_driver_sql("analyze")


def at(folder: Path, size: Size = Size()) -> Records:
    """A new home's records in a folder."""
    records = Records.at(folder / "records.db")
    fill(records, size)
    return records


def run_of(size: Size, number: int) -> tuple[str, int]:
    """Pipeline and number of the nth run: every service's pipeline has as many."""
    return f"service-{number % size.services:05}", number // size.services + 1


def _write(records: Records, table: Table, rows: Iterator[dict[str, Any]]) -> None:
    part: list[dict[str, Any]] = []
    for row in rows:
        part.append(row)
        if len(part) == AT_ONCE:
            records.database.execute(table.insert(), part)
            part = []
    if part:
        records.database.execute(table.insert(), part)


def _runs(size: Size, dice: random.Random) -> Iterator[dict[str, Any]]:
    for number in range(size.runs):
        pipeline, of = run_of(size, number)
        branch = "main" if number % 4 else f"topic/{dice.randrange(2_000)}"
        author, commit = NAMES[number % len(NAMES)], f"{dice.getrandbits(160):040x}"
        message = f"Change {number} of the basket, so that it is faster"
        files = [f"src/{pipeline}/module_{part}.py" for part in range(dice.randrange(1, 30))]
        event = {"kind": "push", "repo": f"https://git.example/{pipeline}.git", "commit": commit, "branch": branch}
        began = NOW - (size.runs - number) * 30.0
        yield {
            "id": ids.run_id(pipeline, of),
            "pipeline": pipeline,
            "number": of,
            "attempt": 1,
            "commit_id": commit,
            "status": STATUSES[number % len(STATUSES)],
            "stopped_by": "",
            "reason": "all jobs passed or were skipped",
            "started_at": began,
            "ended_at": began + 240,
            "plan": "",
            "event": json.dumps(event | {"author": author, "message": message, "changed_files": files}),
            "report": "",
            "source": json.dumps({"repo": event["repo"], "commit": commit}),
            "path": "sluiceway.yaml",
            "branch": branch,
            "event_kind": "push",
            "author": author,
            "actor": "",
            "owner": "",
            "integrity": 1,
            "message": message,
        }


def _pipelines(size: Size) -> Iterator[dict[str, Any]]:
    each = size.runs // size.services
    for number in range(size.services):
        pipeline, _ = run_of(size, number)
        yield {
            "name": pipeline,
            "repository": f"https://git.example/{pipeline}.git",
            "path": "sluiceway.yaml",
            "last_run": ids.run_id(pipeline, each),
            "last_at": NOW - (size.services - number) * 30.0,
            "runs": each,
        }


def _jobs(size: Size, number: int) -> Iterator[dict[str, Any]]:
    pipeline, of = run_of(size, number)
    began = NOW - (size.runs - number) * 30.0
    for job in range(size.jobs):
        yield {
            "run": ids.run_id(pipeline, of),
            "job": f"job-{job}",
            "attempt": 1,
            "kind": "run",
            "stage": "build",
            "status": "passed",
            "started_at": began + job * 40,
            "ended_at": began + job * 40 + 30,
            "result": json.dumps({"status": "passed", "reason": "3 steps passed", "log": "", "seconds": 30}),
        }


def _releases(size: Size, dice: random.Random) -> Iterator[dict[str, Any]]:
    """As many as runs, in turn to each environment."""
    for number in range(size.runs):
        pipeline, of = run_of(size, number)
        environment, at = f"env-{number % size.environments:02}", number // size.environments + 1
        began = NOW - (size.runs - number) * 30.0 + 200
        verdict = "live" if number % 9 else "rolled-back"
        yield {
            "id": ids.release_id(pipeline, environment, at),
            "service": pipeline,
            "environment": environment,
            "number": at,
            "run": ids.run_id(pipeline, of),
            "started_at": began,
            "ended_at": began + 30 if number < size.runs - 3 else None,
            "result": json.dumps({"verdict": verdict, "version": f"1.{of}", "story": [], "steps": []}),
            "version": f"1.{of}",
            "strategy": "canary",
            "verdict": verdict if number < size.runs - 3 else "",
            "reason": f"{dice.randrange(90)} ticks without a difference",
        }


def _live(size: Size) -> Iterator[dict[str, Any]]:
    for environment in range(size.environments):
        for number in range(size.services):
            yield {
                "environment": f"env-{environment:02}",
                "service": f"service-{number:05}",
                "version": f"1.{number % 10}",
                "release": ids.release_id(f"service-{number:05}", f"env-{environment:02}", number // 50 + 1),
                "number": number,
                "since": NOW - number * 60.0,
            }


def _definitions(size: Size) -> Iterator[dict[str, Any]]:
    for environment in range(size.environments):
        name = f"env-{environment:02}"
        body = plain(name)
        approval = {**Node(body["approval"]).object(), "quorum": 1, "groups": ["release-managers"]}
        yield {"kind": "Environment", "name": name, "body": json.dumps({**body, "approval": approval})}
