"""logs: output of a run's jobs."""

from __future__ import annotations

import json
import time
from datetime import datetime

import click

from activities.jobs.directories import JobDirectories
from activities.jobs.logs import Follower, Line
from domain.core.errors import SluicewayError
from domain.runs.record import RunRecord
from workers.cli.common import as_json, listing, run_name, store
from workers.core.settings import current
from workers.views.output import out, out_log, styled

FOLLOW_POLL_S = 0.1


@click.command()
@click.argument("name")
@click.argument("job", required=False)
@click.option("--follow", "-f", is_flag=True, help="Follow until the run ends.")
@click.option("--timestamps", "-t", is_flag=True, help="Show the time of each line.")
@as_json
def logs(name: str, job: str | None, follow: bool, timestamps: bool, json_: bool) -> None:
    """Print the logs of a run, or of one job. Secrets are masked."""
    chosen, run = current(), run_name(name)
    known = listing(chosen)
    if known.runs.get(run) is None and not follow:
        raise SluicewayError("SLW911", f"no record of {run}", fix="sluiceway runs")
    places, kept = JobDirectories(chosen.home / "jobs"), store(chosen)
    followers: dict[tuple[str, int], Follower] = {}
    while True:
        ended = _has_ended(known.runs.get(run))
        for row in known.runs.jobs(run):
            if job and row["job"] != job:
                continue
            key = (row["job"], row["attempt"])
            follower = followers.setdefault(key, Follower(places.folder(run, *key), kept))
            digest = json.loads(row["result"]).get("log", "")
            for line in follower.new_lines(digest):
                _print_line(key, line, timestamps, json_)
        if ended or not follow:
            break
        time.sleep(FOLLOW_POLL_S)
    if job and not followers:
        raise SluicewayError("SLW915", f"{run} ran no job '{job}'", fix=f"sluiceway show {name}")


def _has_ended(row: RunRecord | None) -> bool:
    return row is not None and row["ended_at"] is not None


def _print_line(key: tuple[str, int], line: Line, timestamps: bool, json_: bool) -> None:
    if json_:
        out(json.dumps({"job": key[0], "attempt": key[1], **line.__dict__}))
        return
    at = f"{datetime.fromtimestamp(line.at):%H:%M:%S.%f}"[:-3] + " " if timestamps else ""
    mark = {"step": styled("▶ ", bold=True), "engine": styled("! ", "yellow")}.get(line.stream, "")
    out_log((at, styled(key[0], dim=True), " ", mark), line.text)
