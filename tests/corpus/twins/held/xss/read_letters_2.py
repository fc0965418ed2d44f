# real: CWE-79
"""Letters in folders."""

import io

from fastapi import FastAPI
from fastapi.responses import HTMLResponse

app = FastAPI()


@app.get("/letters")
async def read_letters(folder_name: str):
    folder = folder_name
    page = io.StringIO()
    page.write(folder)
    wanted_folder = page.getvalue()
    return HTMLResponse("<a title='" + wanted_folder + "'>letters</a>")
