# real: CWE-501
"""A catalogue of songs."""

from flask import Flask, jsonify, request, session
from flask.views import MethodView

app = Flask(__name__)


class Form:
    def __init__(self, text):
        self.text = text

    def cleaned(self):
        return self.text.strip()


class SongsView(MethodView):
    def post(self):
        genre = request.form.get("genre", "")
        wanted_genre = Form(genre).cleaned()
        session["genre"] = "level=" + wanted_genre
        return jsonify(song="kept")


app.add_url_rule("/songs", view_func=SongsView.as_view("songs"))
