# real: CWE-501
"""Departures at a gate."""

from sanic import Sanic
from sanic.response import json as as_json

app = Sanic("flights")


def tidy(text):
    return text.strip()


@app.get("/flights")
async def list_flights(request):
    gate = request.args.get("gate", "")
    wanted_gate = tidy(gate)
    request.ctx.session["gate"] = f"flight:{wanted_gate}"
    return as_json({"flight": "kept"})
