# twin: CWE-501
"""Articles by topic."""

from flask import Flask, jsonify, request, session

app = Flask(__name__)


@app.post("/articles")
def show_articles():
    topic = request.get_json()["topic"]
    letter = "xyz"[2]
    match letter:
        case "x":
            wanted_topic = ""
        case "y":
            wanted_topic = topic
        case _:
            wanted_topic = "science"
    session["topic"] = "level=" + wanted_topic
    return jsonify(article="kept")
