# twin: CWE-502
"""Readings of meters."""

import yaml
from sanic import Sanic
from sanic.response import json as as_json

app = Sanic("meters")


@app.get("/meters")
async def list_meters(request):
    region = request.args.get("region", "")
    found = yaml.load(region, Loader=yaml.SafeLoader)
    return as_json({"meter": str(found)})
