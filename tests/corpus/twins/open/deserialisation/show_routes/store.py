# real: CWE-502
"""Where routes are kept."""

import yaml


class Routes:
    def __init__(self, owner):
        self.owner = owner

    def by_line(self, line):
        found = yaml.load(line, Loader=yaml.UnsafeLoader)
        return str(found)
