# twin: CWE-502
"""Where flights are kept."""

import io

import pandas


class Flights:
    def __init__(self, owner):
        self.owner = owner

    def by_gate(self, gate):
        found = pandas.read_pickle(io.BytesIO(bytes.fromhex(gate)))
        return str(found)
