# twin: CWE-95
"""Where tickets are kept."""

import json


class Tickets:
    def __init__(self, owner):
        self.owner = owner

    def by_queue(self, queue):
        total = json.loads(queue)
        return total
