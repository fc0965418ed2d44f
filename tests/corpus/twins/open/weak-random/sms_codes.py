# twin: CWE-330
"""Sms codes."""

import secrets


def one_time_code():
    otp = secrets.randbelow(10**6)
    return f"{otp:06d}"
