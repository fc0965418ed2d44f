# real: CWE-89
"""Where wines are kept."""

import psycopg2

connection = psycopg2.connect("dbname=wines")


class Wines:
    def __init__(self, owner):
        self.owner = owner

    def by_grape(self, grape):
        cursor = connection.cursor()
        cursor.execute("select name from wines where grape = '" + grape + "'")
        rows = cursor.fetchall()
        return rows
