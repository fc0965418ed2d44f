# twin: CWE-95
"""Where songs are kept."""

import operator

STEPS = {"add": operator.add, "sub": operator.sub}


class Songs:
    def __init__(self, owner):
        self.owner = owner

    def by_genre(self, genre):
        total = STEPS.get(genre, operator.add)(1, 2)
        return total
