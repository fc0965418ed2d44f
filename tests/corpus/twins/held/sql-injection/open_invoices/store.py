# real: CWE-89
"""Where invoices are kept."""

import psycopg


def invoice_by_period(period):
    with psycopg.connect("dbname=invoices") as link:
        query = "delete from invoices where period = '%s'" % period
        rows = link.execute(query).rowcount
    return rows
