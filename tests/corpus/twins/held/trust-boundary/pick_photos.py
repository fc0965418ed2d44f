# real: CWE-501
"""Photos in albums."""

from urllib.parse import unquote

from sanic import Sanic
from sanic.response import json as as_json

app = Sanic("photos")


@app.get("/photos")
async def pick_photos(request):
    album = request.args.get("album", "")
    wanted_album = unquote(album)
    request.ctx.session["album"] = {"level": wanted_album}
    return as_json({"photo": "kept"})
