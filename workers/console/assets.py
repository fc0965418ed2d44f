"""Static files: served under the digest of all of them, so that a browser may keep them for a year."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

FOLDER = Path(__file__).parent / "static"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}
"""Only these are served."""


@dataclass(frozen=True)
class Asset:
    """One file, as it is and compressed."""

    body: bytes
    small: bytes
    type: str


@cache
def assets() -> dict[str, Asset]:
    """Every static file by its path below the folder."""
    files = [file for file in sorted(FOLDER.rglob("*")) if file.suffix in TYPES and file.is_file()]
    return {file.relative_to(FOLDER).as_posix(): _read(file) for file in files}


def _read(file: Path) -> Asset:
    body = file.read_bytes()
    return Asset(body, gzip.compress(body, 9, mtime=0), TYPES[file.suffix])


@cache
def version() -> str:
    """Digest of all files. It stands in every address: modules import each other by relative paths."""
    told = hashlib.sha256()
    for name, asset in assets().items():
        told.update(f"{name}\0{len(asset.body)}\0".encode() + asset.body)
    return told.hexdigest()[:12]


def address(name: str) -> str:
    """Path of a static file.

    Raises:
        KeyError: there is none of this name, which is a bug of a template.
    """
    if name not in assets():
        raise KeyError(name)
    return f"/static/{version()}/{name}"


@get("/static/{of:str}/{name:path}", name="static", include_in_schema=False)
async def static(request: Request[Any, Any, Any], of: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    """A file, for a year under its own digest and for no time under another one (a page of the release before)."""
    asset = assets().get(name.lstrip("/"))
    if asset is None:
        raise NotFoundException("there is no such file")
    keep = "public, max-age=31536000, immutable" if of == version() else "no-cache"
    headers = {"Cache-Control": keep, "Vary": "Accept-Encoding", "X-Content-Type-Options": "nosniff"}
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(asset.body, media_type=asset.type, headers=headers)
    return Response(asset.small, media_type=asset.type, headers=headers | {"Content-Encoding": "gzip"})
