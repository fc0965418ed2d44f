# real: CWE-79
"""Members of clubs."""

from flask import Flask, request
from flask.views import MethodView

app = Flask(__name__)


class MembersView(MethodView):
    def post(self):
        club = request.form.get("club", "")
        mode = "lenient"
        match mode:
            case "lenient" | "open":
                wanted_club = club
            case _:
                wanted_club = "chess"
        return "<li>%s</li>" % wanted_club


app.add_url_rule("/members", view_func=MembersView.as_view("members"))
