# twin: CWE-502
"""Where lockers are kept."""

import jsonpickle


class Lockers:
    def __init__(self, owner):
        self.owner = owner

    def by_floor(self, floor):
        found = jsonpickle.decode(floor)
        return str(found)
