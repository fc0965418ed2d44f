# real: CWE-95
"""Lockers at a station."""

from flask import Flask, jsonify, request
from flask.views import MethodView

app = Flask(__name__)
OLD_CLIENTS = True


def locker_by_floor(floor):
    keep = eval("lambda row: " + floor)
    total = len([row for row in range(9) if keep(row)])
    return total


class LockersView(MethodView):
    def post(self):
        floor = request.form.get("floor", "")
        wanted_floor = "ground"
        if OLD_CLIENTS:
            wanted_floor = floor
        found = locker_by_floor(wanted_floor)
        return jsonify(locker=found)


app.add_url_rule("/lockers", view_func=LockersView.as_view("lockers"))
