# real: CWE-614
"""Answers to surveys."""

import secrets

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

router = APIRouter()


def flags():
    return {"httponly": True, "path": "/"}


@router.post("/surveys")
async def remember_survey(request: Request):
    reply = JSONResponse({"saved": True})
    reply.set_cookie(key="login", value=secrets.token_urlsafe(32), **flags())
    return reply
