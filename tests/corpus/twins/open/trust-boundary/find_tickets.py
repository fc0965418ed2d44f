# twin: CWE-501
"""Tickets of the help desk."""

from flask import Flask, jsonify, request, session
from flask.views import MethodView

app = Flask(__name__)


class TicketsView(MethodView):
    def post(self):
        queue = request.json["queue"]
        session["queue"] = int(queue)
        return jsonify(ticket="kept")


app.add_url_rule("/tickets", view_func=TicketsView.as_view("tickets"))
