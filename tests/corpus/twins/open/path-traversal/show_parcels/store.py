# real: CWE-22
"""Where parcels are kept."""

import os

ROOT = "/srv/parcels/"


class Parcels:
    def __init__(self, owner):
        self.owner = owner

    def by_code(self, code):
        os.remove(ROOT + code)
        body = "removed"
        return body
