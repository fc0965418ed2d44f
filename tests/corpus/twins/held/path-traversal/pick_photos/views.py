# real: CWE-22
"""Photos in albums."""

from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from .store import photo_by_album


async def pick_photos(request: Request):
    album = (await request.form())["album"]
    wanted_album = unquote(album)
    found = photo_by_album(wanted_album)
    return JSONResponse({"photo": found})


routes = [Route("/photos", pick_photos, methods=["GET", "POST"])]
