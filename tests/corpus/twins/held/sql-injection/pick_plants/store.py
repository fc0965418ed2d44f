# real: CWE-89
"""Where plants are kept."""

import sqlite3

connection = sqlite3.connect("plants.db")


def plant_by_bed(bed):
    script = "update plants set seen = 1 where bed = '" + bed + "';"
    rows = connection.executescript(script).rowcount
    return rows
