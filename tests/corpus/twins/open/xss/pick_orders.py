# twin: CWE-79
"""Orders by status."""

import html

from fastapi import FastAPI
from fastapi.responses import HTMLResponse

app = FastAPI()


@app.get("/orders")
async def pick_orders(status_name: str):
    status = status_name
    return HTMLResponse(content=f"<h1>orders of {html.escape(status)}</h1>", status_code=200)
