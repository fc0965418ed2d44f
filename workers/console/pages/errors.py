"""Errors as pages: the code, why, and what to do. The server decides what an error is; a browser gets it like this."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Response
from litestar.response import Redirect
from litestar.types import ASGIApp, Receive, Scope, Send

from domain.core.errors import SluicewayError
from workers.console import links
from workers.console.rendering import Ask, html, page

LOGIN = "/login"
NEEDS_LOGIN = frozenset({"SLW425", "SLW476"})
_NO_PAGES = ("/api/", "/static/", "/temporal/", "/health")


def wants_page(request: Ask) -> bool:
    """Whether a person's browser asks for a page; htmx, which puts a part of one in its place, included."""
    return "text/html" in request.headers.get("accept", "") and not request.scope["path"].startswith(_NO_PAGES)


class ErrorPage(Response[Any]):
    """Rendered when it is sent: by then it is known who looks, though the request reached no handler that asked."""

    def __init__(self, error: SluicewayError, status: int, who: Callable[[Ask], Awaitable[None]] | None) -> None:
        """`who`: fills in who looks."""
        super().__init__(None, status_code=status)
        self._error, self._who = error, who

    def to_asgi_response(self, request: Ask, **given: Any) -> ASGIApp:  # type: ignore[override]
        """The page, as the server sends it."""

        async def sent(scope: Scope, receive: Receive, send: Send) -> None:
            if self._who:
                await self._who(request)
            told: dict[str, Any] = {"status": self.status_code, "error": self._error, "back": _back(request)}
            made = page(request, "shell/error.html.j2", public=True, **told)
            made.headers.update(self.headers)
            await made.to_asgi_response(request=request, **given)(scope, receive, send)

        return sent


def error_page(
    request: Ask, error: SluicewayError, status: int, who: Callable[[Ask], Awaitable[None]] | None = None
) -> Response[Any]:
    """The page of an error; who is not logged in, or needs a second factor, is asked to, and comes back."""
    if error.code in NEEDS_LOGIN:
        return Redirect(links.again(LOGIN, {}, next=_here(request)), status_code=303)
    if error.code == "SLW411":
        return Redirect(links.step_up(_again(request)), status_code=303)
    return ErrorPage(error, status, who)


def refusal(request: Ask, error: SluicewayError) -> str:
    """The text of that page, for what never reaches a handler: nobody is known yet, so it has no menu."""
    return html(request, "shell/error.html.j2", error=error, back="/")


def _here(request: Ask) -> str:
    """Where the reader wanted to go; after a form, nowhere: it is sent again by a person only."""
    query = {key: str(value) for key, value in request.query_params.items()}
    return links.again(request.scope["path"], query) if request.method == "GET" else "/"


def _again(request: Ask) -> str:
    """After a second factor: the same page, or the one of the form that asked for it."""
    if request.method == "GET":
        return _here(request)
    own = f"{request.url.scheme}://{request.url.netloc}"
    before = request.headers.get("referer", "")
    return links.inside(before.removeprefix(own)) if before.startswith(f"{own}/") else _back(request)


def _back(request: Ask) -> str:
    """Where to go on: the page that a form was on, else the overview."""
    return links.inside(request.scope["path"].rpartition("/")[0]) if request.method == "POST" else "/"
