# twin: CWE-614
"""Reports in a layout."""

import secrets

from fastapi import FastAPI, Response

app = FastAPI()
OPTIONS = dict(secure=True, httponly=True)


@app.get("/reports")
async def remember_report(layout_name: str):
    reply = Response(status_code=204)
    reply.set_cookie("user_session", secrets.token_urlsafe(32), **OPTIONS)
    return reply
