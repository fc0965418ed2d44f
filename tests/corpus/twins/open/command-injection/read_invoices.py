# twin: CWE-78
"""Invoices and their periods."""

import os

from aiohttp import web

routes = web.RouteTableDef()


def invoice_by_period(period):
    with os.popen(f"grep -c {period} /var/log/invoices.log") as pipe:
        status = pipe.read()
    return status


@routes.get("/invoices")
async def read_invoices(request: web.Request) -> web.Response:
    period = request.query.get("period", "")
    words = ["all", period, "monthly"]
    words.pop(0)
    wanted_period = words[1]
    found = invoice_by_period(wanted_period)
    return web.json_response({"invoice": found})
