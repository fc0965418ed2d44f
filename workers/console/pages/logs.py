"""The log of a job: its last lines at once, and all of them by js/log.js."""

from __future__ import annotations

import re

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from workers.client.ports.addresses import quoted, segment
from workers.client.ports.client import Client
from workers.client.ports.runs import JobRow, RunDetails
from workers.console.pages.lists import asked
from workers.console.rendering import Ask, page

FIRST_LINES = 200
"""In the page itself: what is read without a script, and before one has begun."""
_COLOUR = re.compile(r"\x1b\[[0-9;:]{0,48}m")


@get("/runs/{pipeline:str}/{number:str}/log/{job:str}", include_in_schema=False)
async def log(
    request: Ask, client: NamedDependency[Client], pipeline: FromPath[str], number: FromPath[str], job: FromPath[str]
) -> Response[str]:
    """The end of the log, or from `?line=` on."""
    run = await client.runs.show(f"{pipeline}/{number}")
    attempt, line = number_of(asked(request, "attempt"), 1), number_of(asked(request, "line"), 0)
    part = await client.runs.log(run.row.id, job, attempt, first=line, limit=FIRST_LINES)
    return page(
        request,
        "runs/log.html.j2",
        run=run,
        job=_job(run, job, attempt),
        attempts=[one for one in run.jobs if one.id == job],
        part=part,
        plain=plain,
        source=f"/api/v1/runs/{segment(run.row.id, 'run')}/jobs/{quoted(job)}/log",
        more=f"attempt={attempt}",
    )


def plain(text: str) -> str:
    """Without the colours of terminals, which a page without scripts does not show."""
    return _COLOUR.sub("", text)


def number_of(text: str, otherwise: int) -> int:
    """A whole number of the query, in bounds."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else otherwise


def _job(run: RunDetails, id_: str, attempt: int) -> JobRow:
    """The attempt of the job; one that the run does not list has nothing but its name."""
    of = [job for job in run.jobs if job.id == id_]
    found = [job for job in of if job.attempt == attempt] or of
    return found[-1] if found else JobRow(id=id_, kind="", stage="", status="", attempt=attempt)


HANDLERS = (log,)
