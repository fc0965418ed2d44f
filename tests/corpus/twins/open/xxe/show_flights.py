# twin: CWE-611
"""Departures at a gate."""

import io

import tornado.web
from lxml import etree


class Flights:
    def __init__(self, owner):
        self.owner = owner

    def by_gate(self, gate):
        parser = etree.XMLParser(load_dtd=True, no_network=False, resolve_entities=True)
        root = etree.parse(io.BytesIO(gate.encode()), parser).getroot()
        return root.tag


class FlightsHandler(tornado.web.RequestHandler):
    async def get(self):
        gate = self.get_query_argument("gate", "")
        mode = "strict"
        match mode:
            case "lenient" | "open":
                wanted_gate = gate
            case _:
                wanted_gate = "a1"
        found = Flights("desk").by_gate(wanted_gate)
        self.write({"flight": found})


def routes():
    return [(r"/flights", FlightsHandler)]
