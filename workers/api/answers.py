"""What handlers answer with: pages with a link to the next, and objects with a strong ETag."""

from __future__ import annotations

from hashlib import sha256
from typing import Any, TypeVar, cast
from urllib.parse import urlencode

from litestar import Request, Response
from litestar.serialization import encode_json, get_serializer

from workers.client.ports.pages import Page

T = TypeVar("T")
PRIVATE = {"Cache-Control": "private, no-cache"}
"""A cache asks before each use, and none between may keep it."""
JSON = "application/json"


def paged(request: Request[Any, Any, Any], page: Page[T]) -> Response[Page[T]]:
    """A part of a list; `Link: <...>; rel="next"` (RFC 8288) asks for the next under the same filter."""
    headers = dict(PRIVATE)
    if page.next:
        asked = [(name, value) for name, value in request.query_params.multi_items() if name != "after"]
        query = urlencode([*asked, ("after", page.next)])
        headers["Link"] = f'<{request.url.path}?{query}>; rel="next"'
    return Response(page, headers=headers)


def tagged(request: Request[Any, Any, Any], value: T) -> Response[T]:
    """An object with the hash of its text as strong ETag; 304 without it for whoever has it already."""
    text = encode_json(value, get_serializer())
    tag = f'"{sha256(text).hexdigest()[:32]}"'
    headers = {**PRIVATE, "ETag": tag}
    if tag in (one.strip() for one in request.headers.get("If-None-Match", "").split(",")):
        return cast("Response[T]", Response(None, status_code=304, headers=headers))
    return cast("Response[T]", Response(text, headers=headers, media_type=JSON))


def fingerprinted(value: T, digest: str) -> Response[T]:
    """An object whose ETag is the digest of what is signed: never kept, since the rest of it may change under it."""
    return Response(value, headers={"Cache-Control": "no-store", "ETag": f'"{digest}"'})
