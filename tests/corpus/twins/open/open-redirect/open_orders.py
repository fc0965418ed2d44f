# twin: CWE-601
"""Orders by status."""

from urllib.parse import urlparse

from flask import Blueprint, jsonify, redirect

orders = Blueprint("orders", __name__, url_prefix="/orders")


@orders.get("/<path:status_name>")
def open_orders(status_name):
    status = status_name
    if urlparse(status).netloc not in ("", "orders.example"):
        return jsonify(error="unknown status"), 404
    return redirect(status)
