"""Findings of a run, and of the default branches."""

from __future__ import annotations

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from workers.client.ports.client import Client
from workers.client.ports.findings import FindingFilter
from workers.console.pages.lists import asked, part
from workers.console.rendering import Ask, page

SEVERITIES = ("critical", "high", "medium", "low", "info")


def _which(request: Ask) -> FindingFilter:
    pipeline, severity, tool, text = (asked(request, name) for name in ("pipeline", "severity", "tool", "text"))
    return FindingFilter(pipeline=pipeline, severity=severity, tool=tool, text=text)


@get("/findings", include_in_schema=False)
async def findings(request: Ask, client: NamedDependency[Client]) -> Response[str]:
    """Of the last scans of default branches, by severity."""
    which = _which(request)
    found = await client.findings.of_default_branch(which, part(request))
    return page(request, "findings/list.html.j2", findings=found, which=which, severities=SEVERITIES)


@get("/runs/{pipeline:str}/{number:str}/findings", include_in_schema=False)
async def of_run(
    request: Ask, client: NamedDependency[Client], pipeline: FromPath[str], number: FromPath[str]
) -> Response[str]:
    """Of one run, by severity."""
    run = await client.runs.show(f"{pipeline}/{number}")
    which = _which(request)
    found = await client.findings.of_run(run.row.id, which, part(request))
    return page(request, "findings/run.html.j2", run=run, findings=found, which=which, severities=SEVERITIES)


HANDLERS = (findings, of_run)
