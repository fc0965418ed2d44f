"""Definitions: what `sluiceway lint` and `plan` say, in the page."""

from __future__ import annotations

from litestar import Response, get, post
from litestar.di import NamedDependency

from workers.client.ports.client import Client
from workers.client.ports.definitions import Planned
from workers.console.pages import forms
from workers.console.pages.forms import Form
from workers.console.rendering import Ask, page
from workers.console.run_graph import graph_of

TEMPLATE = "definitions/definitions.html.j2"
LONGEST = 256 * 1024
"""Characters of a text; the reader behind it has bounds of its own."""
EXAMPLE = """\
apiVersion: sluiceway/v1
kind: Pipeline
name: web-shop
on:
  push: {branches: [main]}
jobs:
  build:
    run: make build
  unit:
    needs: [build]
    run: make test
  lint:
    needs: [build]
    run: make lint
  package:
    needs: [unit, lint]
    run: make package
"""


@get("/definitions", include_in_schema=False)
async def definitions(request: Ask, client: NamedDependency[Client]) -> Response[str]:
    """The editor, with an example."""
    planned = await client.definitions.plan(EXAMPLE)
    return _shown(request, EXAMPLE, "main", planned)


@post("/definitions", status_code=200, include_in_schema=False)
async def check(request: Ask, client: NamedDependency[Client], data: Form) -> Response[str]:
    """Checks the text and plans a push to the branch. Changes nothing, so the answer is the page itself."""
    text, branch = data.get("text", "")[:LONGEST], forms.text(data, "branch", 200) or "main"
    return _shown(request, text, branch, await client.definitions.plan(text, branch))


def _shown(request: Ask, text: str, branch: str, planned: Planned) -> Response[str]:
    lines = text.splitlines()
    return page(
        request,
        TEMPLATE,
        text=text,
        branch=branch,
        planned=planned,
        graph=graph_of(planned.jobs),
        line_of=lambda number: lines[number - 1][:300] if 0 < number <= len(lines) else "",
    )


HANDLERS = (definitions, check)
