# twin: CWE-330
"""Quiz."""

import random


def questions(pool, count):
    chosen = random.sample(pool, count)
    random.shuffle(chosen)
    return chosen
