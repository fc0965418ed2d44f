# twin: CWE-501
"""Parcels on their way."""

import enum

from sanic import Sanic
from sanic.exceptions import BadRequest
from sanic.response import json as as_json

app = Sanic("parcels")


class Level(enum.Enum):
    READER = "reader"
    WRITER = "writer"


@app.get("/parcels")
async def look_parcels(request):
    code = request.json["code"]
    try:
        level = Level(code)
    except ValueError:
        raise BadRequest("unknown code")
    request.ctx.session["code"] = level.value
    return as_json({"parcel": "kept"})
