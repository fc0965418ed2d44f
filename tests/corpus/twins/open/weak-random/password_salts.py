# real: CWE-330
"""Password salts."""

import hashlib
import random


def stored(password):
    salt = str(random.random())
    return salt + hashlib.scrypt(password.encode(), salt=salt.encode(), n=2**14, r=8, p=1).hex()
