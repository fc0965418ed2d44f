# real: CWE-601
"""Photos in albums."""

from flask import Flask, redirect, request

app = Flask(__name__)


@app.post("/photos")
def count_photos():
    album = request.form["album"]
    return redirect(album, code=303)
