# real: CWE-95
"""Where badges are kept."""


class Badges:
    def __init__(self, owner):
        self.owner = owner

    def by_level(self, level):
        keep = eval("lambda row: " + level)
        total = len([row for row in range(9) if keep(row)])
        return total
