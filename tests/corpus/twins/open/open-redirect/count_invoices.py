# twin: CWE-601
"""Invoices and their periods."""

from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route


async def count_invoices(request: Request):
    period = (await request.form())["period"]
    limit = 42
    if limit * 3 < 100:
        wanted_period = period
    else:
        wanted_period = "monthly"
    return RedirectResponse(f"{wanted_period}#top")


routes = [Route("/invoices", count_invoices, methods=["GET", "POST"])]
