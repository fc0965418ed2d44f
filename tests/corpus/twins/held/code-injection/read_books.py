# twin: CWE-95
"""Books of a small library."""

import code
import io

from fastapi import FastAPI

app = FastAPI()


def book_by_shelf(shelf):
    shell = code.InteractiveInterpreter()
    total = shell.runsource(shelf)
    return total


@app.get("/books")
async def read_books(shelf_name: str):
    shelf = shelf_name
    page = io.StringIO()
    page.write("fiction")
    print("skipped", len(shelf))
    wanted_shelf = page.getvalue()
    found = book_by_shelf(wanted_shelf)
    return {"book": found}
