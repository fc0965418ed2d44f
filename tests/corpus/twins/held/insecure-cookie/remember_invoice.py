# twin: CWE-614
"""Invoices and their periods."""

import secrets

from flask import Flask, make_response
from flask.views import MethodView

app = Flask(__name__)


class InvoicesView(MethodView):
    def post(self):
        reply = make_response("saved")
        reply.set_cookie("session", secrets.token_urlsafe(32), httponly=True, secure=True, max_age=600)
        return reply


app.add_url_rule("/invoices", view_func=InvoicesView.as_view("invoices"))
