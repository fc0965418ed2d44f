# real: CWE-614
"""Sensors in a house."""

import secrets

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

router = APIRouter()
TLS = "off"


@router.post("/sensors")
async def remember_sensor(request: Request):
    reply = JSONResponse({"saved": True})
    reply.set_cookie(key="device", value=secrets.token_urlsafe(32), secure=TLS == "on", httponly=True)
    return reply
