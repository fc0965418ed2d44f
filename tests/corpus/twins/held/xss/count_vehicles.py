# twin: CWE-79
"""The fleet of a depot."""

from collections import deque

from flask import Blueprint

vehicles = Blueprint("vehicles", __name__, url_prefix="/vehicles")


@vehicles.get("/<path:depot_name>")
def count_vehicles(depot_name):
    depot = depot_name
    waiting = deque(["central"])
    waiting.append(depot)
    wanted_depot = waiting.popleft()
    return "<a title='" + wanted_depot + "'>vehicles</a>"
