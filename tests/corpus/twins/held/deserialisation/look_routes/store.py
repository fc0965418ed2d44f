# twin: CWE-502
"""Where routes are kept."""

import marshal


class Routes:
    def __init__(self, owner):
        self.owner = owner

    def by_line(self, line):
        found = marshal.loads(bytes.fromhex(line))
        return str(found)
