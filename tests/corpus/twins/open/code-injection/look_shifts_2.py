# real: CWE-95
"""Shifts of a team."""

from fastapi import APIRouter, Request

router = APIRouter()


@router.post("/shifts")
async def look_shifts(request: Request):
    team = (await request.json())["team"]
    limit = 42
    if limit * 3 > 100:
        wanted_team = team
    else:
        wanted_team = "night"
    scope = {"shift": 1}
    exec(wanted_team, scope)
    total = scope["shift"]
    return {"shift": total}
