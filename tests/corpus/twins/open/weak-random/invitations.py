# real: CWE-330
"""Invitations."""

import random
import time

SOURCE = random.Random(time.time())


def invite_token():
    return SOURCE.randrange(10**12)
