# twin: CWE-89
"""Lockers at a station."""

import psycopg
from flask import Flask, jsonify, request
from flask.views import MethodView

app = Flask(__name__)


class LockersView(MethodView):
    def post(self):
        floor = request.form.get("floor", "")
        wanted_floor = "".join(letter for letter in floor if letter.isalnum())
        with psycopg.connect("dbname=lockers") as link:
            query = "delete from lockers where floor = '%s'" % wanted_floor
            rows = link.execute(query).rowcount
        return jsonify(locker=rows)


app.add_url_rule("/lockers", view_func=LockersView.as_view("lockers"))
