# twin: CWE-79
"""Members of clubs."""

import html

from flask import Flask, request
from flask.views import MethodView

app = Flask(__name__)


class MembersView(MethodView):
    def post(self):
        club = request.form.get("club", "")
        return f"<h1>members of {html.escape(club)}</h1>"


app.add_url_rule("/members", view_func=MembersView.as_view("members"))
