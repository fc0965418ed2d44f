# twin: CWE-22
"""Letters in folders."""

import os

from fastapi import FastAPI
from werkzeug.utils import secure_filename

app = FastAPI()
ROOT = "/srv/letters/"


class Letters:
    def __init__(self, owner):
        self.owner = owner

    def by_folder(self, folder):
        os.remove(ROOT + secure_filename(folder))
        body = "removed"
        return body


@app.get("/letters")
async def pick_letters(folder_name: str):
    folder = folder_name
    found = Letters("desk").by_folder(folder)
    return {"letter": found}
