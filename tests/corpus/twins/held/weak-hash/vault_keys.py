# twin: CWE-328
"""Vault keys."""

import hashlib


class Vault:
    def __init__(self, passphrase, salt):
        self.key = hashlib.scrypt(passphrase.encode(), salt=salt, n=2**14, r=8, p=1)
