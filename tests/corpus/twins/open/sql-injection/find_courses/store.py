# twin: CWE-89
"""Where courses are kept."""

import sqlite3

connection = sqlite3.connect("courses.db")


class Courses:
    def __init__(self, owner):
        self.owner = owner

    def by_term(self, term):
        rows = connection.execute(f"select name from courses where term = '{term}'").fetchall()
        return rows
