"""findings: of default branches and of runs, at a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from workers.cli.session import pages
from workers.cli.shown import as_json, limited, print_json, rows
from workers.client.ports.findings import FindingFilter, FindingRow
from workers.client.ports.pages import Page, PageOf

if TYPE_CHECKING:
    from workers.client.ports.client import Client

SEVERITIES = ("critical", "high", "medium", "low", "unknown")


@click.group(invoke_without_command=True)
@click.pass_context
def findings(ctx: click.Context) -> None:
    """See the findings of default branches, or of a run."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_)


@findings.command("list")
@click.option("--run", default="", help="Those of a run, instead of those of default branches.")
@click.option("--pipeline", default="", help="Only findings of this pipeline.")
@click.option("--severity", type=click.Choice(SEVERITIES), default=None, help="The least one.")
@click.option("--tool", default="", help="Only findings of this scanner.")
@click.option("--text", default="", help="In the title, rule or path.")
@limited
@as_json
def list_(
    run: str = "",
    pipeline: str = "",
    severity: str | None = None,
    tool: str = "",
    text: str = "",
    limit: int = 50,
    json_: bool = False,
) -> None:
    """List them by severity."""
    which = FindingFilter(pipeline=pipeline, severity=severity or "", tool=tool, text=text)

    async def asked(client: Client, page: PageOf) -> Page[FindingRow]:
        if run:
            return await client.findings.of_run(run, which, page)
        return await client.findings.of_default_branch(which, page)

    found = pages(limit, asked)
    if json_:
        print_json(found)
        return
    table = [
        (one.fingerprint[:8], one.severity, one.state, f"{one.path}:{one.line}" if one.path else "-", one.title[:80])
        for one in found
    ]
    rows(table, "nothing is found")
