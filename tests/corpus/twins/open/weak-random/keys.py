# twin: CWE-330
"""Keys."""

import random
import string

SOURCE = random.SystemRandom()


def new_api_key():
    return "".join(SOURCE.choice(string.hexdigits) for _ in range(40))
