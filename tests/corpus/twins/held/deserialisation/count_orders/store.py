# twin: CWE-502
"""Where orders are kept."""

import io

import pandas


def order_by_status(status):
    found = pandas.read_csv(io.StringIO(status))
    return str(found)
