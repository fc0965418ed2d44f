# twin: CWE-89
"""Where invoices are kept."""

import sqlite3

connection = sqlite3.connect("invoices.db")


def invoice_by_period(period):
    rows = connection.execute(f"select name from invoices where period = '{period}'").fetchall()
    return rows
