"""Findings of a run, and of default branches."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency, Provide

from workers.api.answers import paged
from workers.api.asked import Id, Text
from workers.client.ports.addresses import of_segment
from workers.client.ports.client import Client
from workers.client.ports.findings import FindingFilter, FindingRow
from workers.client.ports.pages import Page, PageOf


def which_findings(pipeline: Text = "", severity: Text = "", tool: Text = "", text: Text = "") -> FindingFilter:
    """The filter of a list of findings; `severity`: the least one."""
    return FindingFilter(pipeline=pipeline, severity=severity, tool=tool, text=text)


WHICH = {"which": Provide(which_findings, sync_to_thread=False)}


@get("/runs/{run:str}/findings", operation_id="findings.of_run", dependencies=WHICH)
async def of_run(
    request: Request[Any, Any, Any],
    run: Id,
    client: NamedDependency[Client],
    which: NamedDependency[FindingFilter],
    page: NamedDependency[PageOf],
) -> Response[Page[FindingRow]]:
    """By severity."""
    return paged(request, await client.findings.of_run(of_segment(run, "run"), which, page))


@get("/findings", operation_id="findings.of_default_branch", dependencies=WHICH)
async def of_default_branch(
    request: Request[Any, Any, Any],
    client: NamedDependency[Client],
    which: NamedDependency[FindingFilter],
    page: NamedDependency[PageOf],
) -> Response[Page[FindingRow]]:
    """Of the last scans of default branches; by severity."""
    return paged(request, await client.findings.of_default_branch(which, page))


HANDLERS = (of_run, of_default_branch)
