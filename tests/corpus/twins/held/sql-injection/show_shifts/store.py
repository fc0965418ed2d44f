# real: CWE-89
"""Where shifts are kept."""

import sqlite3

connection = sqlite3.connect("shifts.db")


class Shifts:
    def __init__(self, owner):
        self.owner = owner

    def by_team(self, team):
        script = "update shifts set seen = 1 where team = '" + team + "';"
        rows = connection.executescript(script).rowcount
        return rows
