# real: CWE-330
"""Magic links."""

import hashlib
import random


def login_token(mail):
    return hashlib.sha256(f"{mail}{random.random()}".encode()).hexdigest()
