# real: CWE-330
"""Csrf fields."""

import random


def csrf_token(session):
    session["csrf_token"] = str(random.uniform(0, 1))[2:]
    return session["csrf_token"]
