# real: CWE-330
"""Initial vectors."""

import random

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


def cipher_for(key):
    iv = bytes(random.randrange(256) for _ in range(16))
    return iv, Cipher(algorithms.AES(key), modes.CBC(iv))
