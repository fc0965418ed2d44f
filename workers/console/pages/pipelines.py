"""Pipelines: what there is, its runs, and starting one by hand."""

from __future__ import annotations

from collections.abc import Mapping

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from domain.access.actions import Action
from domain.core.errors import SluicewayError
from domain.jobs.result import Status
from workers.client.ports.client import Client
from workers.client.ports.pages import PageOf
from workers.client.ports.runs import ParamField, RunFilter, StartRun
from workers.console import links
from workers.console.pages import forms, rights
from workers.console.pages.forms import Form
from workers.console.pages.lists import asked, part
from workers.console.rendering import Ask, page

PREFIX = "param."
"""Of the fields of parameters in the form: none of them is taken for a field of ours."""
TEMPLATE = "pipelines/start.html.j2"


@get("/pipelines", include_in_schema=False)
async def pipelines(request: Ask, client: NamedDependency[Client]) -> Response[str]:
    """By name, each with its last run."""
    return page(request, "pipelines/list.html.j2", pipelines=await client.runs.pipelines(part(request)))


@get("/pipelines/{name:str}", include_in_schema=False)
async def pipeline(request: Ask, client: NamedDependency[Client], name: FromPath[str]) -> Response[str]:
    """Its runs."""
    which = RunFilter(pipeline=name, status=asked(request, "status"), text=asked(request, "text"))
    found = await client.runs.list(which, part(request))
    if not found.items and not (await client.runs.list(RunFilter(pipeline=name), PageOf("", 1))).items:
        raise SluicewayError("SLW911", f"no run of a pipeline '{name[:100]}' is recorded")
    may = await rights.verdicts(client, rights.of_pipeline(name), Action.RUNS_START)
    return page(
        request, "pipelines/pipeline.html.j2", name=name, runs=found, which=which, statuses=tuple(Status), may=may
    )


@get("/pipelines/{name:str}/start", include_in_schema=False)
async def form(request: Ask, client: NamedDependency[Client], name: FromPath[str]) -> Response[str]:
    """A form of the parameters that the definition declares."""
    fields = await client.runs.params(name)
    may = await rights.verdicts(client, rights.of_pipeline(name), Action.RUNS_START)
    return page(request, TEMPLATE, name=name, fields=fields, sent={}, problem=None, may=may, prefix=PREFIX)


@post("/pipelines/{name:str}/start", status_code=303, include_in_schema=False)
async def start(
    request: Ask, client: NamedDependency[Client], name: FromPath[str], data: Form
) -> Redirect | Response[str]:
    """Starts the run and shows it. What is wrong with a value is said in the form, with all that was typed."""
    fields = await client.runs.params(name)
    try:
        what = StartRun(pipeline=name, branch=forms.text(data, "branch", 200), params=values(fields, data))
        return forms.back(links.run(await client.runs.start(what, forms.text(data, "key", 64))))
    except SluicewayError as wrong:
        if wrong.code in ("SLW410", "SLW411"):
            raise
        may = await rights.verdicts(client, rights.of_pipeline(name), Action.RUNS_START)
        return page(
            request,
            TEMPLATE,
            status=422,
            name=name,
            fields=fields,
            sent=data,
            problem=wrong,
            may=may,
            prefix=PREFIX,
        )


def values(fields: tuple[ParamField, ...], data: Mapping[str, str]) -> dict[str, str | int | float | bool]:
    """What was typed, by kind; what is left empty is left to the definition's default.

    Raises:
        SluicewayError: SLW490, a number is none, or a choice is not among the choices.
    """
    found: dict[str, str | int | float | bool] = {}
    for field in fields:
        text = forms.text(data, f"{PREFIX}{field.name}", 10_000)
        if field.kind == "yes-no":
            found[field.name] = text == "true"
        elif text:
            found[field.name] = _value(field, text)
        elif field.required and not field.default:
            raise _wrong(field, "it is required")
    return found


def _value(field: ParamField, text: str) -> str | int | float:
    if field.kind == "choice" and text not in field.choices:
        raise _wrong(field, "it is not one of the choices")
    if field.kind != "number":
        return text
    try:
        number = float(text)
    except ValueError:
        raise _wrong(field, "it is not a number") from None
    if not abs(number) < 2**53:
        raise _wrong(field, "it is not a number that is kept exactly")
    return int(number) if number.is_integer() else number


def _wrong(field: ParamField, why: str) -> SluicewayError:
    return SluicewayError("SLW490", f"'{field.name}' cannot be this", why=why)


HANDLERS = (pipelines, pipeline, form, start)
