# real: CWE-78
"""Sensors in a house."""

import subprocess

from flask import Flask, jsonify, request
from flask.views import MethodView

app = Flask(__name__)


class SensorsView(MethodView):
    def post(self):
        room = request.form.get("room", "")
        status = subprocess.check_output("du -sh /srv/sensors/{}".format(room), shell=True).decode()
        return jsonify(sensor=status)


app.add_url_rule("/sensors", view_func=SensorsView.as_view("sensors"))
