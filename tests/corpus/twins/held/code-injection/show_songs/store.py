# real: CWE-95
"""Where songs are kept."""


class Songs:
    def __init__(self, owner):
        self.owner = owner

    def by_genre(self, genre):
        names = {}
        exec("value = %s" % genre, names)
        total = names["value"]
        return total
