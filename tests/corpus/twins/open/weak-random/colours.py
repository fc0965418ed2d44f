# twin: CWE-330
"""Colours."""

import random


def colour():
    return "#%06x" % random.randrange(1 << 24)
