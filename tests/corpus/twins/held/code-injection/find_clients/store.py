# twin: CWE-95
"""Where clients are kept."""

import math


class Clients:
    def __init__(self, owner):
        self.owner = owner

    def by_branch(self, branch):
        total = getattr(math, "sqrt")(len(branch))
        return total
