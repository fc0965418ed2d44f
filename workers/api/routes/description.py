"""The description of the API, as it is committed."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from litestar import Response, get

COMMITTED = Path(__file__).parents[1] / "openapi.json"
"""Made by `make docs` (workers/api/openapi.py)."""


@get("/openapi.json", media_type="application/json", include_in_schema=False, sync_to_thread=False)
def openapi() -> Response[bytes]:
    """It says nothing of this installation, so everybody may read it."""
    return Response(_committed(), headers={"Cache-Control": "public, max-age=300"})


@cache
def _committed() -> bytes:
    return COMMITTED.read_bytes()


HANDLERS = (openapi,)
