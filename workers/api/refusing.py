"""Refusals outside of the application: JSON for programs, and for a person's browser the same page as every error's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from litestar import Request
from litestar.types import Scope, Send

from domain.core.errors import SluicewayError
from workers.api.errors import MEDIA_TYPE, document, status_of
from workers.console.pages import errors as pages


async def say(error: SluicewayError, scope: Scope, send: Send, more: Mapping[bytes, bytes] | None = None) -> None:
    """Answers a request with an error."""
    status, request = status_of(error), Request[Any, Any, Any](scope)
    if pages.wants_page(request):
        kind, body = "text/html; charset=utf-8", pages.refusal(request, error).encode()
    else:
        kind, body = MEDIA_TYPE, json.dumps(document(error, status, scope["path"])).encode()
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode()), *(more or {}).items()]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
