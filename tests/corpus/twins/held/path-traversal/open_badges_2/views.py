# real: CWE-22
"""Badges at the door."""

from flask import Blueprint, jsonify

from .store import Badges

badges = Blueprint("badges", __name__, url_prefix="/badges")


@badges.get("/<path:level_name>")
def open_badges(level_name):
    level = level_name
    chosen = {"level": level}
    chosen.setdefault("level", "visitor")
    wanted_level = chosen["level"]
    found = Badges("desk").by_level(wanted_level)
    return jsonify(badge=found)
