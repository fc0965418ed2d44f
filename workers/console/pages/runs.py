"""Runs: the list, one run, its evidence, and what can be done with it."""

from __future__ import annotations

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.enums import MediaType
from litestar.params import FromPath
from litestar.response import Redirect

from domain.access.actions import Action
from domain.jobs.result import BAD, Status
from workers.client.ports.client import Client
from workers.client.ports.runs import JobRow, RunDetails, RunFilter
from workers.console import links
from workers.console.pages import forms, rights
from workers.console.pages.forms import Form
from workers.console.pages.lists import asked, part
from workers.console.rendering import Ask, page
from workers.console.run_graph import anchor, graph_of

MOST_ROWS = 300
"""Jobs in the table of a run; the graph has all of them."""
_ATTENTION = ("running", *BAD)


@get("/runs", include_in_schema=False)
async def runs(request: Ask, client: NamedDependency[Client]) -> Response[str]:
    """Newest first, filtered."""
    which = RunFilter(
        pipeline=asked(request, "pipeline"),
        status=asked(request, "status"),
        branch=asked(request, "branch"),
        text=asked(request, "text"),
    )
    found = await client.runs.list(which, part(request))
    return page(request, "runs/list.html.j2", runs=found, which=which, statuses=tuple(Status))


@get("/runs/{pipeline:str}/{number:str}", include_in_schema=False)
async def run(
    request: Ask, client: NamedDependency[Client], pipeline: FromPath[str], number: FromPath[str]
) -> Response[str]:
    """One attempt of a run: its graph, its jobs, what it waits for."""
    found = await client.runs.show(f"{pipeline}/{number}")
    may = await rights.verdicts(
        client, rights.of_run(found.row.id, found.row.pipeline), Action.RUNS_CANCEL, Action.RUNS_RERUN
    )
    return page(
        request,
        "runs/run.html.j2",
        run=found,
        graph=graph_of(found.jobs, found.row.id),
        jobs=_shown(found),
        anchor=anchor,
        may=may,
        done=asked(request, "done"),
    )


def _shown(run: RunDetails) -> tuple[JobRow, ...]:
    """The rows of the table: of a large run, those first that somebody has to look at."""
    if len(run.jobs) <= MOST_ROWS:
        return run.jobs
    return tuple(sorted(run.jobs, key=lambda job: job.status not in _ATTENTION))[:MOST_ROWS]


@get("/runs/{pipeline:str}/{number:str}/report", include_in_schema=False)
async def report(client: NamedDependency[Client], pipeline: FromPath[str], number: FromPath[str]) -> Response[bytes]:
    """The report of a run: a page of its own, which may load and run nothing."""
    body = await client.runs.report(f"{pipeline}/{number}")
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; frame-ancestors 'none'"
    headers = {"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
    return Response(body, media_type=MediaType.HTML, headers=headers)


@post("/runs/{pipeline:str}/{number:str}/cancel", status_code=303, include_in_schema=False)
async def cancel(
    client: NamedDependency[Client], pipeline: FromPath[str], number: FromPath[str], data: Form
) -> Redirect:
    """Stops the run."""
    run_ = f"{pipeline}/{number}"
    told = await client.runs.cancel(
        run_, forms.text(data, "reason"), now=data.get("now") == "yes", key=forms.text(data, "key", 64)
    )
    return forms.back(links.run(run_), done=told)


@post("/runs/{pipeline:str}/{number:str}/rerun", status_code=303, include_in_schema=False)
async def rerun(
    client: NamedDependency[Client], pipeline: FromPath[str], number: FromPath[str], data: Form
) -> Redirect:
    """Runs the failed jobs again, or all, and shows the new attempt."""
    everything = data.get("what") == "all"
    again = await client.runs.rerun(f"{pipeline}/{number}", everything=everything, key=forms.text(data, "key", 64))
    return forms.back(links.run(again.id))


HANDLERS = (runs, run, report, cancel, rerun)
