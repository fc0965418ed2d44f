"""Findings of a run, and of default branches."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import QueryParameter

from workers.api.answers import paged
from workers.api.asked import Flag, Id, Seconds, Text, Texts
from workers.client.ports.addresses import of_segment
from workers.client.ports.client import Client
from workers.client.ports.findings import FindingFilter, FindingRow, Order
from workers.client.ports.pages import Page, PageOf


def which_findings(
    pipeline: Text = "",
    severity: Text = "",
    tool: Text = "",
    text: Text = "",
    severities: Texts = (),
    kinds: Texts = (),
    rules: Texts = (),
    paths: Texts = (),
    owners: Texts = (),
    states: Texts = (),
    classes: Texts = (),
    older_s: Seconds = 0,
    overdue: Flag = False,
    order: Annotated[Order, QueryParameter()] = "pipeline",
) -> FindingFilter:
    """The filter of a list of findings; `severity`: the least one."""
    return FindingFilter(
        pipeline=pipeline,
        severity=severity,
        tool=tool,
        text=text,
        severities=severities,
        kinds=kinds,
        rules=rules,
        paths=paths,
        owners=owners,
        states=states,
        classes=classes,
        older_s=older_s,
        overdue=overdue,
        order=order,
    )


WHICH = {"which": Provide(which_findings, sync_to_thread=False)}


@get("/runs/{run:str}/findings", operation_id="findings.of_run", dependencies=WHICH)
async def of_run(
    request: Request[Any, Any, Any],
    run: Id,
    client: NamedDependency[Client],
    which: NamedDependency[FindingFilter],
    page: NamedDependency[PageOf],
) -> Response[Page[FindingRow]]:
    """In the order of the filter."""
    return paged(request, await client.findings.of_run(of_segment(run, "run"), which, page))


@get("/findings", operation_id="findings.of_default_branch", dependencies=WHICH)
async def of_default_branch(
    request: Request[Any, Any, Any],
    client: NamedDependency[Client],
    which: NamedDependency[FindingFilter],
    page: NamedDependency[PageOf],
) -> Response[Page[FindingRow]]:
    """Of the last scans of default branches."""
    return paged(request, await client.findings.of_default_branch(which, page))


HANDLERS = (of_run, of_default_branch)
