# twin: CWE-502
"""Departures at a gate."""

from bottle import request, route

from .store import Flights

OLD_CLIENTS = False


@route("/flights")
def find_flights():
    gate = request.query.gate
    wanted_gate = "a1"
    if OLD_CLIENTS:
        wanted_gate = gate
    found = Flights("desk").by_gate(wanted_gate)
    return {"flight": found}
