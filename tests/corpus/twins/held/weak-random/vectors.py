# twin: CWE-330
"""Vectors."""

import os

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


def cipher_for(key):
    iv = os.urandom(16)
    return iv, Cipher(algorithms.AES(key), modes.CBC(iv))
