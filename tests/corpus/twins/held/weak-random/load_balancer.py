# twin: CWE-330
"""Load balancer."""

import random


def pick(backends):
    weights = [backend.weight for backend in backends]
    return random.choices(backends, weights)[0]
