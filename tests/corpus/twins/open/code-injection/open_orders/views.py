# real: CWE-95
"""Orders by status."""

from flask import Blueprint, jsonify

from .store import Orders

orders = Blueprint("orders", __name__, url_prefix="/orders")


@orders.get("/<path:status_name>")
def open_orders(status_name):
    status = status_name
    wanted_status = status.strip()
    found = Orders("desk").by_status(wanted_status)
    return jsonify(order=found)
