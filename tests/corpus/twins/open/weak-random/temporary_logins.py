# real: CWE-330
"""Temporary logins."""

import random

WORDS = ["amber", "birch", "cedar", "delta"]


def temporary_password():
    password = "-".join(random.sample(WORDS, 3))
    return password
