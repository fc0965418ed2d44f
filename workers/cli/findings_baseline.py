"""findings baseline: a person signs what is old."""

from __future__ import annotations

import sys
import time
from collections import Counter
from typing import TYPE_CHECKING

import click

from domain.access.actions import Action
from domain.access.resource import ResourceKind
from domain.core.errors import RefusedError, SluicewayError
from domain.core.values import number
from workers.cli.common import as_json, print_json
from workers.cli.findings_common import open_findings, pipeline_argument, pipeline_option, plain
from workers.cli.host import on_host
from workers.cli.identities import as_login, key_folder
from workers.cli.recorded import recorded
from workers.core.settings import current
from workers.views.output import out

if TYPE_CHECKING:
    from activities.scans.baselines.branch_scan_store import BranchScanRecord
    from domain.scans.findings.model import Finding
    from workers.client.findings import OpenFindings


@click.group(short_help="Sign and show what gates let pass as old.")
def baseline() -> None:
    """Say what is old on a default branch: gates with `new-only: auto` or `required` let it pass, but for secrets."""


@baseline.command("set", short_help="Sign the last scan of the default branch.")
@pipeline_argument
@click.option("--job", default="", help="Only this scan job.  [default: all of the pipeline]")
@click.option("--repository", default="", help="Address of the repository, if several have such a pipeline.")
@click.option("--reason", required=True, help="Why these findings may wait; it is signed, too.")
@as_login
@click.option("--yes", is_flag=True, help="Do not ask.")
@on_host
@recorded(Action.FINDINGS_TRIAGE, ResourceKind.PIPELINE, "pipeline")
def set_(pipeline: str, job: str, repository: str, reason: str, who: str, yes: bool) -> None:
    """Sign the last scan of the default branch as the baseline of PIPELINE.

    You answer for each finding in it. A later one replaces it. Only a complete scan of a commit that is on the default
    branch can be signed, by an identity that may accept risks (`suppressions.groups` of a policy).

    \b
    sluiceway findings baseline set web-shop --reason "as we found it"
    sluiceway findings baseline set web-shop --job scan --as ann --reason "until the rewrite" --yes

    Exit code 3: you may not, or the scan cannot become a baseline.
    """
    known = open_findings()
    rows = _of_one(known.scans(pipeline, job), repository)
    for row in rows:
        found = _shown(known, row)
        _may(known, row, who)
        _show(row, found)
    if not yes and not (sys.stdin.isatty() and click.confirm(f"Sign as {who} that these are old?", err=True)):
        out("nothing was signed; --yes signs without asking", err=True)
        raise click.exceptions.Exit(1)
    for row in rows:
        _sign(known, row, who, reason)
        out(f"{row['pipeline']} {row['job']}: the baseline of {row['branch']} is {row['commit_id'][:12]}, set by {who}")


def _of_one(rows: list[BranchScanRecord], repository: str) -> list[BranchScanRecord]:
    """Those of one repository: whoever pushes chooses the name of a pipeline, and could take another one's."""
    found = [row for row in rows if repository in ("", row["repo"])]
    names = sorted({row["repo"] for row in found})
    if len(names) != 1:
        known = ", ".join(plain(row["repo"]) for row in rows)
        raise click.UsageError(f"name one repository with --repository: {known}")
    return found


def _shown(known: OpenFindings, row: BranchScanRecord) -> tuple[Finding, ...]:
    """What would be accepted.

    Raises:
        SluicewayError: SLW887, the scan cannot become a baseline.
    """
    from domain.scans.findings.model import State

    report = known.known.scans.report(row)
    why = "" if report else "its report has expired"
    if not row["complete"]:
        why = "it did not look at everything"
    if report is None or why:
        where = f"{row['pipeline']} {row['job']} at {row['commit_id'][:12]}"
        raise RefusedError("SLW887", "this scan cannot become a baseline", where=where, why=why)
    return tuple(one for one in report.findings if one.state is not State.SUPPRESSED)


def _may(known: OpenFindings, row: BranchScanRecord, who: str) -> None:
    """Refuses early what would not count.

    Raises:
        SluicewayError: SLW876, not registered.
        RefusedError: SLW039, of no group that may accept risks.
    """
    person = known.records.identities.get(who)
    if person is None:
        raise SluicewayError("SLW876", f"no identity '{who}' is registered", fix="sluiceway identity add NAME")
    if not known.may_accept(row).may(person.groups):
        raise RefusedError("SLW039", f"a baseline of {who} would not count", why="of no group that may accept risks")


def _show(row: BranchScanRecord, found: tuple[Finding, ...]) -> None:
    from domain.scans.findings.model import FindingKind, counts

    open_ = ", ".join(f"{count} {severity}" for severity, count in counts(found).items()) or "nothing"
    out(f"{row['pipeline']} {row['job']}, {row['branch']} at {row['commit_id'][:12]} of {plain(row['repo'])}: {open_}")
    for (severity, rule), count in Counter((str(one.severity), one.rule) for one in found).most_common(10):
        out(f"  {count:>5} {severity:8} {plain(rule)}")
    secrets = sum(one.kind is FindingKind.SECRET for one in found)
    if secrets:
        out(f"  {number(secrets, 'secret')} among them: no baseline excuses one, rotate and remove it")


def _sign(known: OpenFindings, row: BranchScanRecord, who: str, reason: str) -> None:
    """Signs, and checks that it counts as it stands then."""
    from activities.access.private_keys import load
    from activities.scans.baselines.signed_baselines import signed
    from domain.scans.findings.signed_baseline import SignedBaseline
    from domain.triggers.repository_name import repository_name

    one = SignedBaseline(
        pipeline=row["pipeline"],
        repository=repository_name(row["repo"]),
        branch=row["branch"],
        job=row["job"],
        commit=row["commit_id"],
        report=row["report"],
        findings=sum(row["counts"].values()),
        reason=reason,
        person=who,
        made_at=int(time.time()),
    )
    record = signed(one, row["repo"], load(key_folder(current(), who), who))
    if wrong := known.known.signed.complaint(record, known.may_accept(row)):
        raise RefusedError("SLW039", "the baseline would not count", why=wrong)
    known.records.signed_baselines.add(record)


@baseline.command("show", short_help="Show which baselines count.")
@pipeline_option
@as_json
@on_host
def show(pipeline: str, json_: bool) -> None:
    """Show which baseline counts for each scan job, who has set it and why, and those before it.

    \b
    sluiceway findings baseline show --pipeline web-shop
    """
    known = open_findings()
    rows = [
        (
            row,
            known.baseline(row),
            known.records.signed_baselines.of(row["pipeline"], row["repo"], row["branch"], row["job"]),
        )
        for row in known.scans(pipeline)
    ]
    if json_:
        print_json(
            [
                {
                    "pipeline": row["pipeline"],
                    "job": row["job"],
                    "counts": set_.report is not None,
                    "says": set_.words,
                    "set": past,
                }
                for row, set_, past in rows
            ]
        )
        return
    for row, set_, past in rows:
        out(f"{row['pipeline']} {row['job']}: {set_.words}")
        for one in past:
            when = time.strftime("%Y-%m-%d %H:%M", time.localtime(one["made_at"]))
            what = f"{one['commit_id'][:12]}, {number(one['findings'], 'finding')}"
            out(f"  {when}  {one['person']}: {what}: {plain(one['reason'])}")
