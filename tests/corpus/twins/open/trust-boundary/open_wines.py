# real: CWE-501
"""A cellar of wines."""

from flask import Flask, jsonify, request, session
from flask.views import MethodView

app = Flask(__name__)


class WinesView(MethodView):
    def post(self):
        grape = request.form.get("grape", "")
        session["grape"] = grape
        return jsonify(wine="kept")


app.add_url_rule("/wines", view_func=WinesView.as_view("wines"))
