# twin: CWE-611
"""Letters in folders."""

from fastapi import FastAPI

from .store import letter_by_folder

app = FastAPI()


@app.get("/letters")
async def read_letters(folder_name: str):
    folder = folder_name
    found = letter_by_folder(folder)
    return {"letter": found}
