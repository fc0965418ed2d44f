# twin: CWE-79
"""Lockers at a station."""

from flask import Flask, request
from flask.views import MethodView

app = Flask(__name__)


CHOICES = ("ground", "other", "none")


def checked(text):
    if text not in CHOICES:
        raise ValueError("not a choice")
    return text


class LockersView(MethodView):
    def post(self):
        floor = request.form.get("floor", "")
        wanted_floor = checked(floor)
        return "<a title='" + wanted_floor + "'>lockers</a>"


app.add_url_rule("/lockers", view_func=LockersView.as_view("lockers"))
