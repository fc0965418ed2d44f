# twin: CWE-79
"""A catalogue of songs."""

import bleach
from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

router = APIRouter()


@router.post("/songs")
async def open_songs(request: Request):
    genre = request.headers.get("x-genre", "")
    shown = bleach.clean(genre)
    return HTMLResponse("".join(["<b>", shown, "</b>"]))
