# twin: CWE-611
"""Members of clubs."""

from flask import Flask, jsonify, request
from flask.views import MethodView

from .store import member_by_club

app = Flask(__name__)


class MembersView(MethodView):
    def post(self):
        club = request.form.get("club", "")
        found = member_by_club(club)
        return jsonify(member=found)


app.add_url_rule("/members", view_func=MembersView.as_view("members"))
