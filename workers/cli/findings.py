"""findings: what is open on the default branches, since when, whose it is, and what becomes of it."""

from __future__ import annotations

import time
from datetime import datetime
from typing import TYPE_CHECKING, Any, get_args

import click

from domain.core.values import number
from workers.cli.durations import DurationParam
from workers.cli.findings_baseline import baseline
from workers.cli.findings_common import fingerprint_argument, open_findings, pipeline_option, plain, row_of
from workers.cli.findings_entries import assign, suppress
from workers.cli.host import on_host
from workers.cli.scan_table import COLOURS
from workers.cli.session import pages
from workers.cli.shown import as_json, print_json
from workers.client.ports.findings import FindingFilter, FindingRow, Order
from workers.views.output import out, styled

if TYPE_CHECKING:
    from activities.scans.baselines.branch_scan_store import BranchScanRecord
    from domain.scans.findings.trend import TrendPoint
    from workers.client.ports.client import Client
    from workers.client.ports.pages import Page, PageOf

SEVERITIES = ("critical", "high", "medium", "low", "info", "unknown")
KINDS = ("sast", "secret", "misconfiguration", "vulnerability", "license", "runtime", "dast", "suppression")
OPEN = ("new", "escalated", "fix-available", "moved", "existing", "accepted")
STATES = (*OPEN, "suppressed")
CLASSES = ("own", "test", "generated", "vendored", "minified", "claimed")
SHORT = 8
"""Digits of a fingerprint in a list."""
DAY_S = 86_400.0


@click.group(invoke_without_command=True)
@click.pass_context
def findings(ctx: click.Context) -> None:
    """Work through the findings of default branches: what is open, since when, whose it is, until when.

    They come from the last scan of each job on the default branch of its repository; pull requests and other branches
    change nothing here. Without a command it lists them. A server lists them; the rest is done where the engine is.

    \b
    sluiceway findings list --severity critical --severity high --sort due
    sluiceway findings show 3f9a1c22
    sluiceway findings assign 3f9a1c22 --to web-team
    sluiceway findings suppress 3f9a1c22 --reason "constants only" --approver security
    sluiceway findings baseline set web-shop --reason "as we found it"
    sluiceway findings trend
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_)


@findings.command("list")
@pipeline_option
@click.option("--run", default="", help="Those of a run, instead of those of default branches.")
@click.option("--severity", "severities", multiple=True, type=click.Choice(SEVERITIES), help="Repeatable.")
@click.option("--at-least", "severity", type=click.Choice(SEVERITIES), default=None, help="The least severity.")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(KINDS), help="Repeatable.")
@click.option("--tool", default="", help="Only those of this scanner.")
@click.option("--rule", "rules", multiple=True, help="Rule of a scanner, or id of a vulnerability; repeatable.")
@click.option("--path", "paths", multiple=True, metavar="PATTERN", help="Path pattern; repeatable.")
@click.option("--text", default="", help="In the rule, path or message.")
@click.option("--owner", "owners", multiple=True, help="A name as it is listed; `none`: of nobody. Repeatable.")
@click.option("--state", "states", multiple=True, type=click.Choice(STATES), help="Default: all but suppressed.")
@click.option("--class", "classes", multiple=True, type=click.Choice(CLASSES), help="Class of the file; repeatable.")
@click.option("--older", "older_s", type=DurationParam(), default=0.0, help="Known for at least so long, such as 30d.")
@click.option("--overdue", is_flag=True, help="Only those whose time by the gate's `sla` is over.")
@click.option("--sort", "order", type=click.Choice(get_args(Order)), default="severity", show_default=True)
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@as_json
def list_(run: str, limit: int, json_: bool, severity: str | None, states: tuple[str, ...], **given: Any) -> None:
    """List what is open. Exit code 0, whatever is found.

    \b
    sluiceway findings list --overdue
    sluiceway findings list --owner none --path 'app/**' --json
    """
    which = FindingFilter(severity=severity or "", states=states or OPEN, **given)

    async def asked(client: Client, page: PageOf) -> Page[FindingRow]:
        if run:
            return await client.findings.of_run(run, which, page)
        return await client.findings.of_default_branch(which, page)

    found = pages(limit + 1, asked)
    shown = found[:limit]
    if json_:
        print_json(shown)
        return
    for one in shown:
        _line(one)
    late = sum(one.overdue for one in shown)
    more = "; there are more, see --limit" if len(found) > limit else ""
    out(f"{number(len(shown), 'finding')}{f', {late} overdue' if late else ''}{more}")


def _line(one: FindingRow) -> None:
    where = f"{one.path}:{one.line}" if one.line else one.path or one.package
    age = f"{max(time.time() - one.first_seen, 0) / DAY_S:.0f}d" if one.first_seen else "-"
    out(
        f"{one.fingerprint[:SHORT]}  ",
        styled(f"{one.severity:8}", COLOURS.get(one.severity)),
        f"  {one.state:13} {age:>5}  {plain(one.owner) or '-':16} ",
        f"{plain(where)}  {plain(one.rule)}",
        styled(" overdue", "red") if one.overdue else "",
    )


@findings.command("show", short_help="Show one finding in full.")
@fingerprint_argument
@as_json
@on_host
def show(fingerprint: str, json_: bool) -> None:
    """Show one finding: what and where it is, since when it is known, whose it is, and what can be done.

    FINGERPRINT: at least its first four digits.

    \b
    sluiceway findings show 3f9a1c22
    """
    now = time.time()
    found = open_findings().one(fingerprint)
    if json_:
        print_json([row_of(one, now) for one in found])
        return
    one, finding = found[0], found[0].finding
    out(f"{finding.fingerprint} ", styled(str(finding.severity), COLOURS.get(finding.severity)), f" {finding.kind}")
    out(f"  {plain(finding.rule)} ({', '.join(plain(source.tool) for source in finding.said_by)}) {finding.cwe}")
    out(f"  {plain(finding.path)}:{finding.line}  {finding.file_class} {plain(finding.member)}")
    out(f"  {plain(finding.message)}")
    for step in finding.trace:
        out(f"    {plain(step.path)}:{step.line}  {plain(step.text)}")
    if finding.fixed_in:
        out(f"  {plain(finding.package)} is fixed in {plain(finding.fixed_in)}")
    seen = (
        f"{_day(finding.since)} at {finding.since_commit[:12] or 'an unknown commit'}" if finding.since else "unknown"
    )
    out(f"  first seen: {seen}; owner: {plain(finding.owner) or 'nobody'}")
    if one.due:
        out(f"  due: {_day(one.due)}", styled(", overdue", "red") if one.overdue(now) else "")
    out(f"  {finding.state}{', in the signed baseline' if one.accepted else ''} {plain(finding.why)}".rstrip())
    for each in found:
        out(f"  in {each.pipeline} {each.job}, {each.branch} at {each.commit[:12]}")


def _day(at: float) -> str:
    return f"{datetime.fromtimestamp(at):%Y-%m-%d}"


@findings.command("trend", short_help="Show open, new and fixed findings over time.")
@pipeline_option
@click.option("--limit", type=click.IntRange(1, 30), default=10, show_default=True, help="Scans of each job.")
@as_json
@on_host
def trend(pipeline: str, limit: int, json_: bool) -> None:
    """Show how many findings were open in the last scans of default branches, how many were new, and how many fixed.

    \b
    sluiceway findings trend --pipeline web-shop --limit 30
    """
    from workers.client.findings import scanned

    known = open_findings()
    rows = [(row, known.known.scans.trend(scanned(row))[-limit:]) for row in known.scans(pipeline)]
    if json_:
        print_json([{**_which(row), "scans": [_point(one) for one in points]} for row, points in rows])
        return
    for row, points in rows:
        out(f"{row['pipeline']} {row['job']}, {row['branch']} of {plain(row['repo'])}")
        for one in points:
            open_ = ", ".join(f"{count} {severity}" for severity, count in one.open.items()) or "none"
            change = f"{one.opened} new, {one.fixed} fixed"
            when = f"{datetime.fromtimestamp(one.at):%Y-%m-%d %H:%M}  {one.commit[:12]}"
            out(f"  {when}  {one.total:>5} open  {change:18}  {open_}")


def _which(row: BranchScanRecord) -> dict[str, str]:
    return {"pipeline": row["pipeline"], "job": row["job"], "repo": row["repo"], "branch": row["branch"]}


def _point(one: TrendPoint) -> dict[str, object]:
    return {"commit": one.commit, "at": one.at, "open": one.open, "opened": one.opened, "fixed": one.fixed}


findings.add_command(assign)
findings.add_command(suppress)
findings.add_command(baseline)
