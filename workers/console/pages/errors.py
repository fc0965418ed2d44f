"""Errors as pages: the code, why, and what to do."""

from __future__ import annotations

from litestar import Response
from litestar.response import Redirect

from domain.access.principal import PrincipalKind
from domain.core.errors import RefusedError, SluicewayError, UnreachableError
from workers.console import links
from workers.console.rendering import Ask, caller_of, page

STATUS = {"SLW410": 403, "SLW411": 403, "SLW447": 412, "SLW907": 404, "SLW911": 404, "SLW913": 404, "SLW915": 404}
STATUS |= {"SLW414": 403, "SLW415": 404, "SLW483": 404}
LOGIN = "/login"
STEP_UP = "/login/step-up"


def error_page(request: Ask, error: SluicewayError) -> Response[str] | Redirect:
    """The page of an error; who is not logged in, or needs a second factor, is asked to, and comes back."""
    if error.code == "SLW410" and caller_of(request).principal.kind is PrincipalKind.ANONYMOUS:
        return Redirect(links.again(LOGIN, {}, next=_here(request)), status_code=303)
    if error.code == "SLW411":
        return Redirect(links.again(STEP_UP, {}, next=_again(request)), status_code=303)
    status = status_of(error)
    return page(request, "shell/error.html.j2", status=status, public=True, error=error, back=_back(request))


def status_of(error: SluicewayError) -> int:
    """The HTTP status, the same as the API's."""
    if error.code in STATUS:
        return STATUS[error.code]
    if isinstance(error, UnreachableError):
        return 503
    return 409 if isinstance(error, RefusedError) else 422


def _here(request: Ask) -> str:
    """Where the reader wanted to go; after a form, nowhere: it is sent again by a person only."""
    query = {key: str(value) for key, value in request.query_params.items()}
    return links.again(request.url.path, query) if request.method == "GET" else "/"


def _again(request: Ask) -> str:
    """After a second factor: the same page, or the one of the form that asked for it."""
    return _here(request) if request.method == "GET" else _back(request)


def _back(request: Ask) -> str:
    """Where to go on: the page that a form was on, else the overview. Browsers send no referrer."""
    return request.url.path.rpartition("/")[0] or "/" if request.method == "POST" else "/"
