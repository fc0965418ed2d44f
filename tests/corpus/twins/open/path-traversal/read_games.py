# real: CWE-22
"""Games of a league."""

from pathlib import Path

from flask import Flask, jsonify, request
from flask.views import MethodView

app = Flask(__name__)
ROOT = Path("/srv/games")


class Games:
    def __init__(self, owner):
        self.owner = owner

    def by_league(self, league):
        body = (ROOT / league).read_text()
        return body


class GamesView(MethodView):
    def post(self):
        league = request.form.get("league", "")
        found = Games("desk").by_league(league)
        return jsonify(game=found)


app.add_url_rule("/games", view_func=GamesView.as_view("games"))
