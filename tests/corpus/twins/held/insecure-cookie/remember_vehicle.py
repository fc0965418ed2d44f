# twin: CWE-614
"""The fleet of a depot."""

import secrets

from fastapi import FastAPI, Response

app = FastAPI()


class Settings:
    tls_only = True


@app.get("/vehicles")
async def remember_vehicle(depot_name: str):
    reply = Response(status_code=204)
    reply.set_cookie("token", secrets.token_urlsafe(32), secure=Settings.tls_only, httponly=True)
    return reply
