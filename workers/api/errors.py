"""Errors as problem+json (RFC 9457), with code, rule and fix: ours, Litestar's, and bugs without their traceback.

A person's browser gets the same as a page (workers/console/pages/errors.py).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException
from sqlalchemy.exc import DataError, OperationalError

from domain.access.principal import PrincipalKind
from domain.core.error_codes import BY_CODE
from domain.core.errors import DefinitionError, RefusedError, SluicewayError, UnreachableError
from workers.api.asked import KEY_HEADER
from workers.console.pages import errors as pages

STATUS = {
    **dict.fromkeys(("SLW410", "SLW411", "SLW414", "SLW423", "SLW979"), 403),
    **dict.fromkeys(("SLW420", "SLW425"), 401),
    **dict.fromkeys(("SLW907", "SLW911", "SLW913", "SLW915", "SLW472", "SLW415", "SLW483", "SLW056"), 404),
    **dict.fromkeys(("SLW471", "SLW473"), 400),
    "SLW421": 503,
    **dict.fromkeys(("SLW428", "SLW431"), 404),
    "SLW429": 502,
    **dict.fromkeys(("SLW447", "SLW958", "SLW467"), 412),
    **dict.fromkeys(("SLW950", "SLW952"), 404),
    "SLW049": 403,
    "SLW452": 421,
    "SLW453": 403,
    "SLW454": 429,
    "SLW455": 429,
    "SLW456": 422,
    "SLW458": 403,
    "SLW461": 429,
    "SLW980": 429,
    "SLW464": 404,
    "SLW972": 404,
    "SLW973": 409,
    "SLW465": 403,
    "SLW484": 403,
    "SLW474": 428,
    "SLW476": 401,
    "SLW469": 500,
}
"""Code to HTTP status, where the kind of the error does not say it."""
MEDIA_TYPE = "application/problem+json"
TYPE = "https://sluiceway.invalid/errors/"
LOG = logging.getLogger(__name__)
WHO = "who"
"""In the application's state: tells the frame of a page who looks at it (`app.create_app`)."""
PAGE = {"limit", "after"}
"""Parameters of a list, whose errors are those of the list."""
AnyRequest = Request[Any, Any, Any]


def status_of(error: SluicewayError) -> int:
    """The HTTP status of an error."""
    if error.code in STATUS:
        return STATUS[error.code]
    if isinstance(error, UnreachableError) or error.transient:
        return 503
    if isinstance(error, RefusedError):
        return 409
    return 400 if isinstance(error, DefinitionError) else 422


def problem(request: AnyRequest, error: SluicewayError) -> Response[Any]:
    """`code`, `detail`, `rule`, `fix`, `where` and the command line's `exit` beside the standard members."""
    status = status_of(error)
    known = request.scope["state"].get("caller")
    if error.code == "SLW410" and known is not None and known.principal.kind is PrincipalKind.ANONYMOUS:
        status, error = 401, RefusedError("SLW476", BY_CODE["SLW476"].title, why=error.why, rule=error.rule)
    return _answer(request, error, status)


def refused(request: AnyRequest, error: HTTPException) -> Response[Any]:
    """Litestar's own: what cannot be routed, decoded or accepted."""
    status = error.status_code
    if status >= 500:
        return failed(request, error)
    if status == 400 and request.method == "POST" and KEY_HEADER not in request.headers:
        code = "SLW473"
    else:
        code = {401: "SLW476", 404: "SLW472", 405: "SLW472"}.get(status, "SLW471")
        code = "SLW479" if code == "SLW471" and _keys(error) & PAGE else code
    told = DefinitionError(code, BY_CODE[code].title, why=_why(error) if status not in (404, 405) else "")
    answer = _answer(request, told, status)
    for name in ("allow", "retry-after"):
        if value := {key.lower(): text for key, text in (error.headers or {}).items()}.get(name):
            answer.headers[name] = value
    return answer


def odd(request: AnyRequest, error: Exception) -> Response[Any]:
    """Text that is none, or nested without end: no decoder and no database takes it."""
    LOG.warning("%s cannot be read at %s", type(error).__name__, request.url.path)
    return _answer(request, DefinitionError("SLW471", BY_CODE["SLW471"].title, why=type(error).__name__), 400)


def away(request: AnyRequest, error: Exception) -> Response[Any]:
    """The database does not answer: the same request may pass later, and clients send it again."""
    LOG.error("the records do not answer at %s %s", request.method, request.url.path, exc_info=error)
    return _answer(request, SluicewayError("SLW807", BY_CODE["SLW807"].title), 503)


def failed(request: AnyRequest, error: Exception) -> Response[Any]:
    """A bug: the log has all of it, the client its code."""
    LOG.error("unexpected failure at %s %s", request.method, request.url.path, exc_info=error)
    return _answer(request, SluicewayError("SLW469", BY_CODE["SLW469"].title), 500)


def _keys(error: HTTPException) -> set[str]:
    """Names of the parameters that are wrong."""
    extra = error.extra if isinstance(error.extra, list) else []
    return {str(one.get("key", "")) for one in extra if isinstance(one, dict)}


def _why(error: HTTPException) -> str:
    """What is wrong, field by field; values that a client sent are not repeated at length."""
    extra = error.extra if isinstance(error.extra, list) else []
    fields = [f"{one.get('key', '')}: {one.get('message', '')}" for one in extra if isinstance(one, dict)]
    return ("; ".join(fields) or error.detail)[:500]


def _answer(request: AnyRequest, error: SluicewayError, status: int) -> Response[Any]:
    if pages.wants_page(request):
        return pages.error_page(request, error, status, request.app.state.get(WHO))
    body = document(error, status, request.url.path)
    headers = {"Cache-Control": "no-store"}
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="sluiceway"'
    if status == 503:
        headers["Retry-After"] = "2"
    if error.retry_after_s:
        headers["Retry-After"] = str(error.retry_after_s)
    return Response(body, status_code=status, media_type=MEDIA_TYPE, headers=headers)


def document(error: SluicewayError, status: int, path: str) -> dict[str, Any]:
    """What the answer to a request for this path says (RFC 9457)."""
    body: dict[str, Any] = {"type": f"{TYPE}{error.code}", "title": error.what, "status": status, "code": error.code}
    told = {"detail": error.why, "rule": error.rule, "fix": error.advice, "where": error.where}
    body |= {name: value for name, value in told.items() if value}
    return body | {"instance": path, "exit": error.exit_code}


HANDLERS: dict[int | type[Exception], Callable[[AnyRequest, Any], Response[Any]]] = {
    SluicewayError: problem,
    HTTPException: refused,
    UnicodeError: odd,
    RecursionError: odd,
    DataError: odd,
    OperationalError: away,
    Exception: failed,
}
"""For every exception that a handler can raise."""
