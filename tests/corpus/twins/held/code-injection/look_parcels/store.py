# twin: CWE-95
"""Where parcels are kept."""

import ast


class Parcels:
    def __init__(self, owner):
        self.owner = owner

    def by_code(self, code):
        total = len(ast.dump(ast.parse(code, mode="eval")))
        return total
