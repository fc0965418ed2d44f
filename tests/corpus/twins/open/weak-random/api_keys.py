# real: CWE-330
"""Api keys."""

import random
import string


def new_api_key(owner):
    api_key = "".join(random.choices(string.hexdigits, k=40))
    return {"owner": owner, "key": api_key}
