# twin: CWE-614
"""Lockers at a station."""

import secrets

from flask import Flask, make_response
from flask.views import MethodView

app = Flask(__name__)


class LockersView(MethodView):
    def post(self):
        reply = make_response("saved")
        reply.set_cookie("device", secrets.token_urlsafe(32), path="/", samesite="Strict", secure=True, httponly=True)
        return reply


app.add_url_rule("/lockers", view_func=LockersView.as_view("lockers"))
