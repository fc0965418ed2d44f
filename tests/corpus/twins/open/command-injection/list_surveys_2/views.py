# real: CWE-78
"""Answers to surveys."""

from fastapi import APIRouter, Request

from .store import survey_by_panel

router = APIRouter()


@router.post("/surveys")
async def list_surveys(request: Request):
    panel = request.headers.get("x-panel", "")
    limit = 42
    if limit * 3 > 100:
        wanted_panel = panel
    else:
        wanted_panel = "adults"
    found = survey_by_panel(wanted_panel)
    return {"survey": found}
