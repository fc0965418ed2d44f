"""What the Temporal UI answers, as a browser may have it: scripts run in its own start page, and nowhere else.

Its answers hold what strangers wrote: ids, names, failures. So nothing of an answer says what may run in it. The one
page with a script is asked for by the server itself, and only an answer that is this page, byte for byte, gets it.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx2
from litestar import Response
from litestar.response import Stream

from domain.access.temporal_calls import PREFIX

IMMUTABLE = "/_app/immutable/"
"""Its scripts and styles, which are no secret and very many: whoever is logged in gets them without a decision each."""
PASSED_BACK = ("content-encoding", "content-length", "etag", "last-modified", "vary")
CSRF = "_csrf"
"""The UI's own cookie, the only one that it sets; its pages look for it."""
MOST_PAGE = 1024 * 1024
RENEW_S = 10.0
"""How often the start page is asked for again, when the UI answers another: it was replaced, or is not the UI's."""
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,128}")
_SCRIPTS = re.compile(rb"<script>(.*?)</script>", re.DOTALL)
_PAGE = "; ".join(
    (
        *("object-src 'none'", "frame-src 'self'", "base-uri 'none'", "form-action 'self'", "connect-src 'self'"),
        *("img-src 'self' data:", "font-src 'self' data:", "style-src 'self' 'unsafe-inline'"),
        *("worker-src 'self' blob:", "frame-ancestors 'none'"),
    )
)
"""Its pages have inline styles, and frame texts (workers/api/temporal_console.py). Its scripts are the one of its start
page, by its digest, and those that this one loads.
"""
_ASSET = f"{_PAGE}; script-src 'self'"
"""For a worker, which has the policy of its own script."""
_NOTHING = "default-src 'none'; frame-ancestors 'none'; sandbox"
"""For everything else, whatever type it has: an image or an error that is opened as a page runs nothing."""
_ASSETS = frozenset({"text/javascript", "application/javascript", "text/css"})


@dataclass(frozen=True)
class _Known:
    digest: bytes
    policy: str


class StartPage:
    """The page that the UI starts with: one for each version of the UI."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self._client, self._lock = client, asyncio.Lock()
        self._known: _Known | None = None
        self._renew_at = 0.0

    async def policy(self, page: bytes) -> str:
        """What may run in a page of the UI; nothing in one that is not its start page.

        Raises:
            httpx2.HTTPError: the UI does not answer.
        """
        digest = hashlib.sha256(page).digest()
        async with self._lock:
            if (self._known is None or self._known.digest != digest) and time.monotonic() >= self._renew_at:
                self._known = await self._ask()
                self._renew_at = time.monotonic() + RENEW_S
        return self._known.policy if self._known and self._known.digest == digest else _NOTHING

    async def _ask(self) -> _Known | None:
        """Of this request nothing is a visitor's."""
        asked = self._client.build_request("GET", f"{PREFIX}/", headers={"accept": "text/html"})
        answer = await self._client.send(asked, stream=True)
        page = await whole(answer)
        if answer.status_code != 200 or _kind(answer) != "text/html":
            return None
        return _Known(hashlib.sha256(page).digest(), f"{_PAGE}; script-src 'strict-dynamic'{_digests(page)}")


@cache
def start_page(client: httpx2.AsyncClient) -> StartPage:
    """One for a client, and so for a process."""
    return StartPage(client)


async def passed_back(answer: httpx2.Response, start: StartPage) -> Response[Any]:
    """The UI's answer for the browser.

    Raises:
        httpx2.HTTPError: it breaks off.
    """
    headers = {name: answer.headers[name] for name in PASSED_BACK if name in answer.headers}
    immutable = answer.url.path.startswith(f"{PREFIX}{IMMUTABLE}") and answer.status_code == 200
    headers["cache-control"] = "private, max-age=31536000, immutable" if immutable else "no-store"
    if answer.has_redirect_location:
        headers["location"] = _inside(answer.headers["location"])
    if _TOKEN.fullmatch(token := answer.cookies.get(CSRF) or ""):
        headers["set-cookie"] = f"{CSRF}={token}; Path={PREFIX}; SameSite=Strict"
    kind = _kind(answer)
    if answer.url.path.startswith(f"{PREFIX}/api/"):
        kind = "application/json"  # whatever it says: with `nosniff`, no browser takes it for a page
    if kind == "text/html":
        return await _page(answer, headers, start)
    headers["content-security-policy"] = _ASSET if kind in _ASSETS else _NOTHING
    return Stream(_bytes(answer), status_code=answer.status_code, media_type=kind, headers=headers)


async def _page(answer: httpx2.Response, headers: dict[str, str], start: StartPage) -> Response[Any]:
    page = await whole(answer)
    for gone in ("content-length", "content-encoding", "etag"):  # of the bytes on the wire
        headers.pop(gone, None)
    headers["content-security-policy"] = await start.policy(page)
    return Response(page, status_code=answer.status_code, media_type="text/html", headers=headers)


async def whole(answer: httpx2.Response) -> bytes:
    """A page, no further than its bound. Raises as `passed_back`."""
    page = bytearray()
    try:
        async for part in answer.aiter_bytes():
            page += part
            if len(page) > MOST_PAGE:
                raise httpx2.DecodingError("a page of the UI is too large", request=answer.request)
    finally:
        await answer.aclose()
    return bytes(page)


def _kind(answer: httpx2.Response) -> str:
    given = str(answer.headers.get("content-type", "")).partition(";")[0].strip().lower()
    return given or "application/octet-stream"


def _digests(page: bytes) -> str:
    """Sources of its inline scripts (CSP level 3, section 2.3.1)."""
    found = (base64.b64encode(hashlib.sha256(script).digest()).decode() for script in _SCRIPTS.findall(page))
    return "".join(f" 'sha256-{digest}'" for digest in found)


def _inside(location: str) -> str:
    """A redirect stays in the UI, on this origin."""
    path = urlsplit(location).path
    leads_up = "\\" in path or any(part in (".", "..") for part in path.split("/"))
    return path if path.startswith(f"{PREFIX}/") and not leads_up else f"{PREFIX}/"


async def _bytes(answer: httpx2.Response) -> AsyncIterator[bytes]:
    try:
        async for part in answer.aiter_raw():
            yield part
    finally:
        await answer.aclose()
