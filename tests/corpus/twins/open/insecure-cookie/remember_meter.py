# twin: CWE-614
"""Readings of meters."""

import secrets

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

router = APIRouter()
PRODUCTION = True


@router.post("/meters")
async def remember_meter(request: Request):
    reply = JSONResponse({"saved": True})
    reply.set_cookie(key="auth", value=secrets.token_urlsafe(32), secure=PRODUCTION, httponly=True)
    return reply
