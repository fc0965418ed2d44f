# real: CWE-89
"""A cellar of wines."""

from flask import Flask, jsonify, request
from flask.views import MethodView

from .store import Wines

app = Flask(__name__)


def tidy(text):
    return text.strip()


class WinesView(MethodView):
    def post(self):
        grape = request.form.get("grape", "")
        wanted_grape = tidy(grape)
        found = Wines("desk").by_grape(wanted_grape)
        return jsonify(wine=found)


app.add_url_rule("/wines", view_func=WinesView.as_view("wines"))
