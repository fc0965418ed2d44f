"""Errors as problem+json (RFC 9457)."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response

from domain.core.errors import RefusedError, SluicewayError, UnreachableError

STATUS = {"SLW410": 403, "SLW411": 403, "SLW447": 412, "SLW907": 404, "SLW911": 404, "SLW915": 404}


def status_of(error: SluicewayError) -> int:
    """The HTTP status of an error."""
    if error.code in STATUS:
        return STATUS[error.code]
    if isinstance(error, UnreachableError):
        return 503
    return 409 if isinstance(error, RefusedError) else 422


def problem(request: Request[Any, Any, Any], error: SluicewayError) -> Response[dict[str, Any]]:
    """`code`, `detail` and `fix` beside the standard members."""
    status = status_of(error)
    body: dict[str, Any] = {
        "type": f"https://sluiceway.invalid/errors/{error.code}",
        "title": error.what,
        "status": status,
    }
    told = {"code": error.code, "detail": error.why, "fix": error.fix, "instance": str(request.url.path)}
    body |= {key: value for key, value in told.items() if value}
    return Response(body, status_code=status, media_type="application/problem+json")
