# twin: CWE-501
"""Shifts of a team."""

from fastapi import APIRouter, Request

router = APIRouter()
VERSION = 1


@router.post("/shifts")
async def look_shifts(request: Request):
    team = request.query_params.get("team", "")
    wanted_team = team if VERSION >= 2 else "night"
    request.session["team"] = f"shift:{wanted_team}"
    return {"shift": "kept"}
