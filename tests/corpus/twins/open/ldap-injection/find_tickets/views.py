# twin: CWE-90
"""Tickets of the help desk."""

from bottle import request, route

from .store import Tickets


@route("/tickets")
def find_tickets():
    queue = request.query.get("queue", "")
    found = Tickets("desk").by_queue(queue)
    return {"ticket": found}
