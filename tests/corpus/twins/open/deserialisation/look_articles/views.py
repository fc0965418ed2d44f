# twin: CWE-502
"""Articles by topic."""

from flask import Flask, jsonify, request

from .store import Articles

app = Flask(__name__)


@app.post("/articles")
def look_articles():
    topic = request.form["topic"]
    mode = "strict"
    match mode:
        case "lenient" | "open":
            wanted_topic = topic
        case _:
            wanted_topic = "science"
    found = Articles("desk").by_topic(wanted_topic)
    return jsonify(article=found)
