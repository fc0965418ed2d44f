# twin: CWE-79
"""Letters in folders."""

import jinja2
from fastapi import FastAPI
from fastapi.responses import HTMLResponse

app = FastAPI()
PAGES = jinja2.Environment(autoescape=True)
PAGE = PAGES.from_string("<td>{{ shown }}</td>")


@app.get("/letters")
async def read_letters(folder_name: str):
    folder = folder_name
    return HTMLResponse(PAGE.render(shown=folder))
