# twin: CWE-22
"""Where clients are kept."""

import os

from werkzeug.security import safe_join

ROOT = "/srv/clients"


class Clients:
    def __init__(self, owner):
        self.owner = owner

    def by_branch(self, branch):
        place = safe_join(ROOT, branch)
        body = os.listdir(place) if place else []
        return body
