# real: CWE-89
"""Where patients are kept."""

import psycopg


class Patients:
    def __init__(self, owner):
        self.owner = owner

    def by_ward(self, ward):
        with psycopg.connect("dbname=patients") as link:
            query = "delete from patients where ward = '%s'" % ward
            rows = link.execute(query).rowcount
        return rows
