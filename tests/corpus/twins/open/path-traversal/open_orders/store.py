# real: CWE-22
"""Where orders are kept."""

import os

ROOT = "/srv/orders"


class Orders:
    def __init__(self, owner):
        self.owner = owner

    def by_status(self, status):
        with open(os.path.join(ROOT, status)) as file:
            body = file.read()
        return body
