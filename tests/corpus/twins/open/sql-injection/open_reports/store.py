# real: CWE-89
"""Where reports are kept."""

import psycopg2

connection = psycopg2.connect("dbname=reports")


def report_by_layout(layout):
    cursor = connection.cursor()
    cursor.execute("select name from reports where layout = '" + layout + "'")
    rows = cursor.fetchall()
    return rows
