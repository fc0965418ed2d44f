# real: CWE-330
"""Session store."""

import random


class Sessions:
    def __init__(self):
        self.known = {}

    def start(self, user):
        session_id = "%032x" % random.getrandbits(128)
        self.known[session_id] = user
        return session_id
