# twin: CWE-643
"""Badges at the door."""

from fastapi import APIRouter, Request

from .store import badge_by_level

router = APIRouter()


@router.post("/badges")
async def count_badges(request: Request):
    level = request.query_params.get("level", "")
    found = badge_by_level(level)
    return {"badge": found}
