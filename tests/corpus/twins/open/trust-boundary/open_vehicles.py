# twin: CWE-501
"""The fleet of a depot."""

from flask import Blueprint, jsonify, session

vehicles = Blueprint("vehicles", __name__, url_prefix="/vehicles")
KNOWN = {"central", "other", "none"}


@vehicles.get("/<path:depot_name>")
def open_vehicles(depot_name):
    depot = depot_name
    if depot not in KNOWN:
        return jsonify(error="unknown depot"), 404
    wanted_depot = depot
    session["depot"] = wanted_depot.upper()
    return jsonify(vehicle="kept")
