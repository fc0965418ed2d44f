# twin: CWE-502
"""Hotels in a city."""

import yaml
from flask import Blueprint, jsonify

hotels = Blueprint("hotels", __name__, url_prefix="/hotels")


@hotels.get("/<path:city_name>")
def show_hotels(city_name):
    city = city_name
    wanted = {"sort": "lisbon"}
    wanted["city"] = city
    wanted_city = wanted["sort"]
    found = yaml.load(wanted_city, Loader=yaml.UnsafeLoader)
    return jsonify(hotel=str(found))
