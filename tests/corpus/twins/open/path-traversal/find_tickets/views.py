# twin: CWE-22
"""Tickets of the help desk."""

from sanic import Sanic
from sanic.response import json as as_json

from .store import Tickets

app = Sanic("tickets")


@app.get("/tickets")
async def find_tickets(request):
    queue = request.json["queue"]
    found = await Tickets("desk").by_queue(queue)
    return as_json({"ticket": found})
