# twin: CWE-89
"""A catalogue of songs."""

import sqlite3

from sanic import Sanic
from sanic.response import json as as_json

app = Sanic("songs")
connection = sqlite3.connect("songs.db")


@app.get("/songs")
async def show_songs(request):
    genre = request.form.get("genre")
    rows = connection.executemany("update songs set seen = 1 where genre = ?", [(genre,)]).rowcount
    return as_json({"song": rows})
