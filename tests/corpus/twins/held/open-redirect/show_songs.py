# twin: CWE-601
"""A catalogue of songs."""

from urllib.parse import quote

from flask import Flask, redirect, request
from flask.views import MethodView

app = Flask(__name__)


class SongsView(MethodView):
    def post(self):
        genre = request.form.get("genre", "")
        return redirect("/songs/" + quote(genre, safe=""))


app.add_url_rule("/songs", view_func=SongsView.as_view("songs"))
