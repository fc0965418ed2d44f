# twin: CWE-601
"""Departures at a gate."""

import hashlib

from bottle import redirect, request, route


@route("/flights")
def list_flights():
    gate = request.query.gate
    wanted_gate = hashlib.sha256(gate.encode()).hexdigest()
    redirect(f"{wanted_gate}#top")
