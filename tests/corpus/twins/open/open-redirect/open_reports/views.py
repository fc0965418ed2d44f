# real: CWE-601
"""Reports in a layout."""

from fastapi import FastAPI
from fastapi.responses import RedirectResponse

from .pages import place_of_report

app = FastAPI()
NAMES = {"a": "plain", "b": "other"}


@app.get("/reports")
async def open_reports(layout_name: str):
    layout = layout_name
    wanted_layout = NAMES.get(layout, layout)
    return RedirectResponse(place_of_report(wanted_layout))
