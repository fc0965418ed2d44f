# real: CWE-330
"""Device tokens."""

import random as chance


def device_token(serial):
    token = chance.getrandbits(64)
    return f"{serial}:{token:x}"
