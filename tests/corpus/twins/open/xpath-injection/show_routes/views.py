# real: CWE-643
"""Lines of a bus company."""

import re

from flask import Flask, jsonify, request
from flask.views import MethodView

from .store import Routes

app = Flask(__name__)


class RoutesView(MethodView):
    def post(self):
        line = request.form.get("line", "")
        if not re.search(r"[a-z0-9]", line):
            return jsonify(error="unknown line"), 400
        wanted_line = line
        found = Routes("desk").by_line(wanted_line)
        return jsonify(route=found)


app.add_url_rule("/routes", view_func=RoutesView.as_view("routes"))
