# real: CWE-78
"""Games of a league."""

import os

from flask import Blueprint, jsonify

games = Blueprint("games", __name__, url_prefix="/games")


class Games:
    def __init__(self, owner):
        self.owner = owner

    def by_league(self, league):
        status = os.system("archive-games " + league)
        return status


@games.get("/<path:league_name>")
def find_games(league_name):
    league = league_name
    wanted_league = league.strip()
    found = Games("desk").by_league(wanted_league)
    return jsonify(game=found)
