# real: CWE-501
"""Games of a league."""

from flask import Blueprint, jsonify, session

games = Blueprint("games", __name__, url_prefix="/games")


@games.get("/<path:league_name>")
def read_games(league_name):
    league = league_name
    session["league"] = league.upper()
    return jsonify(game="kept")
