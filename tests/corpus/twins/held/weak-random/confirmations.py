# real: CWE-330
"""Confirmations."""

import random


def confirmation(user):
    user["otp_secret"] = random.choices(range(10), k=6)
    return user
