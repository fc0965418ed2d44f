# twin: CWE-95
"""Plants in a garden."""

from flask import Flask, jsonify, request
from flask.views import MethodView

app = Flask(__name__)


def plant_by_bed(bed):
    scope = {"plant": 1}
    exec(bed, scope)
    total = scope["plant"]
    return total


class PlantsView(MethodView):
    def post(self):
        bed = request.form.get("bed", "")
        words = ["all", bed, "herbs"]
        words.pop(0)
        wanted_bed = words[1]
        found = plant_by_bed(wanted_bed)
        return jsonify(plant=found)


app.add_url_rule("/plants", view_func=PlantsView.as_view("plants"))
