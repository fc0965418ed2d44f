# real: CWE-330
"""Door pins."""

import random


def digits(count):
    return "".join(str(random.randint(0, 9)) for _ in range(count))


def set_pin(badge):
    badge.secret_pin = digits(6)
