# twin: CWE-643
"""Orders by status."""

from bottle import request, route

from .store import order_by_status


@route("/orders")
def count_orders():
    status = request.get_cookie("status", "")
    found = order_by_status(status)
    return {"order": found}
