# twin: CWE-614
"""Books of a small library."""

import secrets

from fastapi import FastAPI, Response

app = FastAPI()
BASE = {"httponly": True}
OPTIONS = {**BASE, "secure": True}


@app.get("/books")
async def remember_book(shelf_name: str):
    reply = Response(status_code=204)
    reply.set_cookie("basket_session", secrets.token_urlsafe(32), **OPTIONS)
    return reply
