# real: CWE-601
"""Halls of a museum."""

from flask import Flask, redirect, request
from flask.views import MethodView

app = Flask(__name__)


class MuseumsView(MethodView):
    def post(self):
        hall = request.form.get("hall", "")
        mode = "lenient"
        match mode:
            case "lenient" | "open":
                wanted_hall = hall
            case _:
                wanted_hall = "modern"
        return redirect(wanted_hall)


app.add_url_rule("/museums", view_func=MuseumsView.as_view("museums"))
