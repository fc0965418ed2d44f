# twin: CWE-330
"""Sensor noise."""

import random


def simulated(true_value):
    return true_value + random.gauss(0, 0.1)
