# twin: CWE-89
"""Where hotels are kept."""

import pymysql

connection = pymysql.connect(database="hotels")


class Hotels:
    def __init__(self, owner):
        self.owner = owner

    def by_city(self, city):
        with connection.cursor() as cursor:
            cursor.execute("select name from hotels where city = '{}'".format(city))
            rows = cursor.fetchall()
        return rows
