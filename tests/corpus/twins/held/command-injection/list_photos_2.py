# twin: CWE-78
"""Photos in albums."""

import subprocess

from fastapi import FastAPI

app = FastAPI()


@app.get("/photos")
async def list_photos(album_name: str):
    album = album_name
    letter = "xyz"[2]
    match letter:
        case "x":
            wanted_album = ""
        case "y":
            wanted_album = album
        case _:
            wanted_album = "summer"
    child = subprocess.Popen(["sh", "-c", "export-photos " + wanted_album])
    status = child.wait()
    return {"photo": status}
