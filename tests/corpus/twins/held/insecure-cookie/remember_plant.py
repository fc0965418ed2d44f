# twin: CWE-614
"""Plants in a garden."""

import secrets

from flask import Flask, make_response
from flask.views import MethodView

app = Flask(__name__)


class PlantsView(MethodView):
    def post(self):
        reply = make_response("saved")
        reply.set_cookie("login", secrets.token_urlsafe(32), secure=2 > 1, httponly=True)
        return reply


app.add_url_rule("/plants", view_func=PlantsView.as_view("plants"))
