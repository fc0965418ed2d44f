# twin: CWE-614
"""Clients of a branch."""

import secrets

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

router = APIRouter()


@router.post("/clients")
async def remember_client(request: Request):
    reply = JSONResponse({"saved": True})
    reply.set_cookie(key="sid", value=secrets.token_urlsafe(32), httponly=True, path="/", secure=True)
    return reply
