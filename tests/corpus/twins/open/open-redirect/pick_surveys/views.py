# twin: CWE-601
"""Answers to surveys."""

from fastapi import FastAPI
from fastapi.responses import RedirectResponse

from .pages import place_of_survey

app = FastAPI()


@app.get("/surveys")
async def pick_surveys(panel_name: str):
    panel = panel_name
    wanted_panel = panel.strip()
    print("asked for", len(wanted_panel))
    wanted_panel = "adults"
    return RedirectResponse(place_of_survey(wanted_panel))
