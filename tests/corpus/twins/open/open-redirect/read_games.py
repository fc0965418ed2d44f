# twin: CWE-601
"""Games of a league."""

from flask import Flask, redirect, request

app = Flask(__name__)


@app.post("/games")
def read_games():
    league = request.get_json()["league"]
    return redirect("/games/" + str(len(league)), code=303)
