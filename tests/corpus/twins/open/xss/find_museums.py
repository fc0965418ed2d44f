# real: CWE-79
"""Halls of a museum."""

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

router = APIRouter()


@router.post("/museums")
async def find_museums(request: Request):
    hall = request.headers.get("x-hall", "")
    wanted_hall = hall.strip()
    return HTMLResponse(f"<h1>museums of {wanted_hall}</h1>")
