# twin: CWE-89
"""Where reports are kept."""

import pymysql

connection = pymysql.connect(database="reports")


def report_by_layout(layout):
    with connection.cursor() as cursor:
        cursor.execute("select name from reports where layout = '{}'".format(layout))
        rows = cursor.fetchall()
    return rows
