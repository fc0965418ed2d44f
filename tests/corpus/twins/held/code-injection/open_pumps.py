# twin: CWE-95
"""Pumps at a site."""

from flask import Flask, jsonify, request
from flask.views import MethodView

app = Flask(__name__)


class PumpsView(MethodView):
    def post(self):
        site = request.json["site"]
        letter = "xyz"[2]
        match letter:
            case "x":
                wanted_site = ""
            case "y":
                wanted_site = site
            case _:
                wanted_site = "west"
        keep = eval("lambda row: " + wanted_site)
        total = len([row for row in range(9) if keep(row)])
        return jsonify(pump=total)


app.add_url_rule("/pumps", view_func=PumpsView.as_view("pumps"))
