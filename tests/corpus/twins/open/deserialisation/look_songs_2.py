# real: CWE-502
"""A catalogue of songs."""

import base64
import pickle

from flask import Flask, jsonify, request
from flask.views import MethodView

app = Flask(__name__)


def tidy(text):
    return text.strip()


class SongsView(MethodView):
    def post(self):
        genre = request.form.get("genre", "")
        wanted_genre = tidy(genre)
        found = pickle.loads(base64.b64decode(wanted_genre))
        return jsonify(song=str(found))


app.add_url_rule("/songs", view_func=SongsView.as_view("songs"))
