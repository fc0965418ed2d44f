"""Errors as pages: the code, why, and what to do. The server decides what an error is; a browser gets it like this."""

from __future__ import annotations

from typing import Any

from litestar import Response
from litestar.response import Redirect

from domain.core.errors import SluicewayError
from workers.console import links
from workers.console.rendering import Ask, page

LOGIN = "/login"
STEP_UP = "/login/step-up"
NEEDS_LOGIN = frozenset({"SLW425", "SLW476"})
_NO_PAGES = ("/api/", "/static/", "/temporal/", "/health")


def wants_page(request: Ask) -> bool:
    """Whether a person's browser asks for a page; htmx, which puts a part of one in its place, included."""
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith(_NO_PAGES)


def error_page(request: Ask, error: SluicewayError, status: int) -> Response[Any]:
    """The page of an error; who is not logged in, or needs a second factor, is asked to, and comes back."""
    if error.code in NEEDS_LOGIN:
        return Redirect(links.again(LOGIN, {}, next=_here(request)), status_code=303)
    if error.code == "SLW411":
        return Redirect(links.again(STEP_UP, {}, next=_again(request)), status_code=303)
    return page(request, "shell/error.html.j2", status=status, public=True, error=error, back=_back(request))


def _here(request: Ask) -> str:
    """Where the reader wanted to go; after a form, nowhere: it is sent again by a person only."""
    query = {key: str(value) for key, value in request.query_params.items()}
    return links.again(request.url.path, query) if request.method == "GET" else "/"


def _again(request: Ask) -> str:
    """After a second factor: the same page, or the one of the form that asked for it."""
    if request.method == "GET":
        return _here(request)
    own = f"{request.url.scheme}://{request.url.netloc}"
    before = request.headers.get("referer", "")
    return links.inside(before.removeprefix(own)) if before.startswith(f"{own}/") else _back(request)


def _back(request: Ask) -> str:
    """Where to go on: the page that a form was on, else the overview."""
    return request.url.path.rpartition("/")[0] or "/" if request.method == "POST" else "/"
