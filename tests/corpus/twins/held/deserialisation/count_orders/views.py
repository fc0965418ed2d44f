# twin: CWE-502
"""Orders by status."""

from sanic import Sanic
from sanic.response import json as as_json

from .store import order_by_status

app = Sanic("orders")


@app.get("/orders")
async def count_orders(request):
    status = request.form.get("status")
    found = order_by_status(status)
    return as_json({"order": found})
