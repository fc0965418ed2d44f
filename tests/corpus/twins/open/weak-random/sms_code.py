# real: CWE-330
"""Sms code."""

import random


def one_time_code():
    otp = random.randint(100000, 999999)
    return f"{otp:06d}"
