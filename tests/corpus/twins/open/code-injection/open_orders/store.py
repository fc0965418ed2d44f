# real: CWE-95
"""Where orders are kept."""


class Orders:
    def __init__(self, owner):
        self.owner = owner

    def by_status(self, status):
        total = eval(status)
        return total
