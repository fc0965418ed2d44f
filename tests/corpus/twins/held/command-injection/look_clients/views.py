# twin: CWE-78
"""Clients of a branch."""

from sanic import Sanic
from sanic.response import json as as_json

from .store import Clients

app = Sanic("clients")


@app.get("/clients")
async def look_clients(request):
    branch = request.json["branch"]
    found = Clients("desk").by_branch(branch)
    return as_json({"client": found})
