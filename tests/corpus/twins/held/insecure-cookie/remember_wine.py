# real: CWE-614
"""A cellar of wines."""

import secrets

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

router = APIRouter()


@router.post("/wines")
async def remember_wine(request: Request):
    reply = JSONResponse({"saved": True})
    reply.set_cookie(key="session", value=secrets.token_urlsafe(32), samesite="Lax")
    return reply
