# real: CWE-95
"""Pumps at a site."""

from flask import Flask, jsonify, request
from flask.views import MethodView

app = Flask(__name__)


class PumpsView(MethodView):
    def post(self):
        site = request.form.get("site", "")
        mode = "lenient"
        match mode:
            case "lenient" | "open":
                wanted_site = site
            case _:
                wanted_site = "west"
        scope = {"pump": 1}
        exec(wanted_site, scope)
        total = scope["pump"]
        return jsonify(pump=total)


app.add_url_rule("/pumps", view_func=PumpsView.as_view("pumps"))
