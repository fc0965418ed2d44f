# twin: CWE-78
"""Answers to surveys."""

import subprocess

from flask import Flask, jsonify, request
from flask.views import MethodView

app = Flask(__name__)


class SurveysView(MethodView):
    def post(self):
        panel = request.json["panel"]
        mode = "strict"
        match mode:
            case "lenient" | "open":
                wanted_panel = panel
            case _:
                wanted_panel = "adults"
        done = subprocess.run(f"print-survey --panel {wanted_panel}", shell=True, capture_output=True, check=False)
        status = done.returncode
        return jsonify(survey=status)


app.add_url_rule("/surveys", view_func=SurveysView.as_view("surveys"))
