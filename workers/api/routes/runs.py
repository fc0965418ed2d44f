"""Runs: list, look, read logs, start, cancel, run again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import JSONBody, QueryParameter
from msgspec import Meta

from workers.api.answers import PRIVATE, paged, tagged
from workers.api.asked import Flag, Id, LongText, Text
from workers.client.ports.addresses import of_segment
from workers.client.ports.client import Client
from workers.client.ports.pages import Page, PageOf
from workers.client.ports.runs import (
    LogPart,
    NewAttempt,
    ParamField,
    PipelineRow,
    RunDetails,
    RunFilter,
    RunRow,
    StartRun,
)
from workers.remote.made import Made, Said

Params = Annotated[Mapping[LongText, LongText | int | float | bool], Meta(max_length=100)]
Attempt = Annotated[int, QueryParameter(ge=1, le=1000, description="Attempt of the job.")]


@dataclass(frozen=True)
class Start:
    """A run that a person starts."""

    pipeline: LongText
    branch: LongText = ""
    params: Params = field(default_factory=dict)


@dataclass(frozen=True)
class Cancel:
    """Why a run is stopped, and whether its cleanup is skipped."""

    reason: LongText = ""
    now: bool = False


@dataclass(frozen=True)
class Rerun:
    """Whether all jobs run again, or those from one on, or those that failed; and by which definition."""

    everything: bool = False
    job: LongText = ""
    changed: bool = False


def which_runs(pipeline: Text = "", status: Text = "", branch: Text = "", text: Text = "") -> RunFilter:
    """The filter of a list of runs."""
    return RunFilter(pipeline=pipeline, status=status, branch=branch, text=text)


@get("/runs", operation_id="runs.list", dependencies={"which": Provide(which_runs, sync_to_thread=False)})
async def list_(
    request: Request[Any, Any, Any],
    client: NamedDependency[Client],
    which: NamedDependency[RunFilter],
    page: NamedDependency[PageOf],
) -> Response[Page[RunRow]]:
    """Newest first."""
    return paged(request, await client.runs.list(which, page))


@get("/pipelines", operation_id="runs.pipelines")
async def pipelines(
    request: Request[Any, Any, Any], client: NamedDependency[Client], page: NamedDependency[PageOf]
) -> Response[Page[PipelineRow]]:
    """By name."""
    return paged(request, await client.runs.pipelines(page))


@get("/pipelines/{name:str}/params", operation_id="runs.params")
async def params(name: Id, client: NamedDependency[Client]) -> Response[tuple[ParamField, ...]]:
    """What can be chosen when a run is started."""
    return Response(await client.runs.params(name), headers=PRIVATE)


@get("/runs/{run:str}", operation_id="runs.show")
async def show(
    request: Request[Any, Any, Any], run: Id, client: NamedDependency[Client], results: Flag = False
) -> Response[RunDetails]:
    """`web-shop:142`: the latest attempt; `web-shop:142.2`: that one. `results`: with what its jobs left."""
    return tagged(request, await client.runs.show(of_segment(run, "run"), results=results))


@get("/runs/{run:str}/jobs/{job:str}/log", operation_id="runs.log")
async def log(
    run: Id,
    job: Id,
    client: NamedDependency[Client],
    attempt: Attempt = 1,
    first: Annotated[
        int, QueryParameter(ge=0, le=2**53, description="Number of the first line; 0: the last ones.")
    ] = 0,
    limit: Annotated[int, QueryParameter(ge=1, le=5000)] = 500,
) -> Response[LogPart]:
    """Lines in order; what follows begins at the number after the last."""
    part = await client.runs.log(of_segment(run, "run"), job, attempt, first=first, limit=limit)
    return Response(part, headers=PRIVATE)


@get("/runs/{run:str}/jobs/{job:str}/log/search", operation_id="runs.search")
async def search(
    run: Id,
    job: Id,
    client: NamedDependency[Client],
    text: Annotated[str, QueryParameter(min_length=1, max_length=500)],
    attempt: Attempt = 1,
    limit: Annotated[int, QueryParameter(ge=1, le=1000)] = 200,
) -> Response[tuple[int, ...]]:
    """Numbers of the first lines that hold the text, in any case."""
    return Response(await client.runs.search(of_segment(run, "run"), job, attempt, text, limit=limit), headers=PRIVATE)


@get("/runs/{run:str}/report", operation_id="runs.report", media_type="application/octet-stream")
async def report(run: Id, client: NamedDependency[Client]) -> Response[bytes]:
    """The HTML report, as a file: no page of this origin."""
    headers = {
        **PRIVATE,
        "Content-Disposition": "attachment; filename=report.html",
        "X-Content-Type-Options": "nosniff",
    }
    found = await client.runs.report(of_segment(run, "run"))
    return Response(found, headers=headers, media_type="application/octet-stream")


@post("/runs", operation_id="runs.start")
async def start(data: JSONBody[Start], client: NamedDependency[Client], key: NamedDependency[str]) -> Response[Made]:
    """Starts a run at the head of a branch."""
    what = StartRun(pipeline=data.pipeline, branch=data.branch, params=data.params)
    return Response(Made(await client.runs.start(what, key)), status_code=201)


@post("/runs/{run:str}/cancel", operation_id="runs.cancel", status_code=202)
async def cancel(run: Id, data: JSONBody[Cancel], client: NamedDependency[Client], key: NamedDependency[str]) -> Said:
    """Stops a run."""
    return Said(await client.runs.cancel(of_segment(run, "run"), data.reason, now=data.now, key=key))


@post("/runs/{run:str}/rerun", operation_id="runs.rerun")
async def rerun(
    run: Id, data: JSONBody[Rerun], client: NamedDependency[Client], key: NamedDependency[str]
) -> NewAttempt:
    """Makes a new attempt."""
    of = of_segment(run, "run")
    return await client.runs.rerun(of, everything=data.everything, job=data.job, changed=data.changed, key=key)


HANDLERS = (list_, pipelines, params, show, log, search, report, start, cancel, rerun)
