# real: CWE-330
"""Reset link."""

import random
import string

LETTERS = string.ascii_letters + string.digits


def reset_token():
    return "".join(random.choice(LETTERS) for _ in range(24))
