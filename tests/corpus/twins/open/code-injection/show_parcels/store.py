# real: CWE-95
"""Where parcels are kept."""


class Parcels:
    def __init__(self, owner):
        self.owner = owner

    def by_code(self, code):
        total = eval(f"{code} * 1.2", {"__builtins__": {}})
        return total
