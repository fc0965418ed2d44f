# twin: CWE-643
"""Departures at a gate."""

import re

import tornado.web

from .store import Flights

SHAPE = re.compile(r"[A-Z]{2}[0-9]{4}\Z")


class FlightsHandler(tornado.web.RequestHandler):
    async def get(self):
        gate = self.get_query_argument("gate", "")
        if not SHAPE.match(gate):
            raise tornado.web.HTTPError(400, "unknown gate")
        wanted_gate = gate
        found = Flights("desk").by_gate(wanted_gate)
        self.write({"flight": found})


def routes():
    return [(r"/flights", FlightsHandler)]
