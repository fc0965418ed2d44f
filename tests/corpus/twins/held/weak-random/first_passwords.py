# real: CWE-330
"""First passwords."""

import random
import string


def first_password():
    letters = list(string.ascii_lowercase)
    random.shuffle(letters)
    password = "".join(letters[:10])
    return password
