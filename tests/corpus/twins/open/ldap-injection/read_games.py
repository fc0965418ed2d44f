# real: CWE-90
"""Games of a league."""

import ldap3
from flask import Flask, jsonify, request
from flask.views import MethodView

app = Flask(__name__)
link = ldap3.Connection(ldap3.Server("directory.example"), auto_bind=True)


class Games:
    def __init__(self, owner):
        self.owner = owner

    def by_league(self, league):
        query = "(&(objectClass=person)(sn=" + league + "))"
        link.search(search_base="dc=example", search_filter=query)
        people = len(link.entries)
        return people


class GamesView(MethodView):
    def post(self):
        league = request.json["league"]
        found = Games("desk").by_league(league)
        return jsonify(game=found)


app.add_url_rule("/games", view_func=GamesView.as_view("games"))
