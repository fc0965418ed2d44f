"""rerun and diff: new attempts of a run, and comparison of attempts."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from domain.core.errors import DefinitionError, SluicewayError
from domain.jobs.result import JobResult
from workers.cli.common import listing, run_name, store
from workers.cli.host import on_host
from workers.cli.names import run_argument
from workers.cli.session import ask
from workers.cli.shown import as_json, print_json
from workers.cli.start import followed
from workers.client.ports.keys import new_key
from workers.client.ports.runs import NewAttempt
from workers.core.settings import Settings, current
from workers.views.output import out

if TYPE_CHECKING:
    from domain.runs.comparison import Side

SHOWN = 20


@click.command()
@run_argument
@click.option("--from-failed", is_flag=True, help="Jobs that did not pass, and their dependents (the default).")
@click.option(
    "--from", "job", default="", metavar="JOB", help="From a job, a matrix cell (test[py=3.12]) or an item (shard[3])."
)
@click.option("--all", "all_", is_flag=True, help="All jobs.")
@click.option("--with-changed-definition", "changed", is_flag=True, help="Use the current definition.")
@click.option("--detach", "-d", is_flag=True, help="Print the name of the attempt and return.")
@as_json
@click.pass_context
def rerun(
    ctx: click.Context, name: str, from_failed: bool, job: str, all_: bool, changed: bool, detach: bool, json_: bool
) -> None:
    """Start a new attempt of a run, and follow it.

    Jobs that do not run again keep their outputs, artifacts and findings; the previous attempt is unchanged. Approvals
    are requested again when their subject changed, or when you were not allowed to give them. The code stays at the
    run's commit; --with-changed-definition takes only the definition from the working copy or the current branch.
    """
    if sum((from_failed, bool(job), all_)) > 1:
        raise click.UsageError("pass only one of --from-failed, --from and --all")
    key = new_key()
    made = ask(lambda client: client.runs.rerun(name, everything=all_, job=job, changed=changed, key=key))
    if detach:
        print_json(made) if json_ else out(made.id)
        return
    if not json_:
        _tell(made)
    ctx.exit(followed(made.id, json_=json_))


def _tell(made: NewAttempt) -> None:
    out(f"{made.id}: {made.count} of {made.jobs} jobs run again, the others keep their results")
    for job, why in list(made.again.items())[:SHOWN]:
        out(f"  {job:<26} {why}")
    if made.count > SHOWN:
        out(f"  and {made.count - SHOWN} more")


@click.command()
@click.argument("before", metavar="RUN.1")
@click.argument("after", metavar="RUN.2")
@as_json
@on_host
def diff(before: str, after: str, json_: bool) -> None:
    """Compare two attempts of a run, or two runs: definition, results, outputs, artifacts, findings, timings."""
    from domain.runs.comparison import differences

    chosen = current()
    first, second = run_name(before), run_name(after)
    found = differences(_side(chosen, first), _side(chosen, second))
    if json_:
        print_json([asdict(one) for one in found])
        return
    out(f"{first} -> {second}")
    for one in found:
        out(f"  {one.job:<26} {one.what:<20} {one.before}{' -> ' if one.before else ''}{one.after}")
    if not found:
        out("  no differences")


def _side(chosen: Settings, run: str) -> Side:
    from activities.core import serialization as serial
    from activities.pipelines.plan_store import plan_jobs
    from domain.runs.comparison import Side
    from domain.scans.findings.model import ScanReport

    known, kept = listing(chosen), store(chosen)
    row = known.runs.get(run)
    if row is None:
        raise SluicewayError("SLW911", f"no record of {run}", fix="sluiceway runs")
    if not row["plan"]:
        raise DefinitionError("SLW924", f"{run} has no plan: its definition has errors")
    jobs = plan_jobs(kept, row["plan"])
    rows = known.runs.last_results(run)
    results = {job: serial.load(JobResult, found["result"]) for job, found in rows.items()}
    scans = {
        job: serial.load(ScanReport, kept.get(result.report)).findings
        for job, result in results.items()
        if rows[job]["kind"] == "scan" and result.report and kept.has(result.report)
    }
    seconds = {job: (found["ended_at"] or 0) - (found["started_at"] or 0) for job, found in rows.items()}
    return Side(jobs, results, seconds, scans)
