"""Shared by the commands about findings: the records, arguments with completion, and rows for machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from domain.core.documents import Manifest
from domain.core.errors import SluicewayError
from workers.cli.common import records
from workers.core.settings import current

if TYPE_CHECKING:
    from domain.scans.findings.worklist import OpenFinding
    from workers.client.findings import OpenFindings


def open_findings() -> OpenFindings:
    """What this home knows of default branches."""
    from workers.worker import known_findings

    return known_findings.open_findings(current(), records(current()))


def _pipelines(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    names = {row["pipeline"] for row in records(current()).branch_scans.newest()}
    return [CompletionItem(name) for name in sorted(names) if name.startswith(incomplete)]


def _fingerprints(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    try:
        found = open_findings().all()
    except SluicewayError:
        return []
    return [
        CompletionItem(one.finding.fingerprint[:8], help=plain(f"{one.finding.rule} {one.finding.path}"))
        for one in found
        if one.finding.fingerprint.startswith(incomplete)
    ]


pipeline_option = click.option("--pipeline", default="", shell_complete=_pipelines, help="Only of this pipeline.")
pipeline_argument = click.argument("pipeline", shell_complete=_pipelines)
fingerprint_argument = click.argument("fingerprint", shell_complete=_fingerprints)


def plain(text: str) -> str:
    """What a file or a scanner says, in one line; `out` takes its power over the terminal."""
    return " ".join(text.split())


def row_of(one: OpenFinding, now: float) -> Manifest:
    """A finding for machines."""
    from activities.scans.formats.json_report import finding

    return {
        **finding(one.finding),
        "accepted": one.accepted,
        "age_days": round(one.age_s(now) / 86_400, 2),
        "due": one.due or None,
        "overdue": one.overdue(now),
        "pipeline": one.pipeline,
        "job": one.job,
        "repo": one.repo,
        "branch": one.branch,
        "commit": one.commit,
    }
