# real: CWE-502
"""Where vehicles are kept."""

import yaml


class Vehicles:
    def __init__(self, owner):
        self.owner = owner

    def by_depot(self, depot):
        found = yaml.load(depot, Loader=yaml.Loader)
        return str(found)
