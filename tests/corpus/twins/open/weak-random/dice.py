# twin: CWE-330
"""Dice."""

import random


def throw(count):
    return [random.randint(1, 6) for _ in range(count)]
