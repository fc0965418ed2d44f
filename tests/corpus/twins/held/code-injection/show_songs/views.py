# real: CWE-95
"""A catalogue of songs."""

import io

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from .store import Songs


async def show_songs(request: Request):
    genre = (await request.form())["genre"]
    page = io.StringIO()
    page.write(genre)
    wanted_genre = page.getvalue()
    found = Songs("desk").by_genre(wanted_genre)
    return JSONResponse({"song": found})


routes = [Route("/songs", show_songs, methods=["GET", "POST"])]
