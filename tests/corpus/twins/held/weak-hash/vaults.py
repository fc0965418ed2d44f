# real: CWE-328
"""Vaults."""

from Crypto.Hash import MD5


class Vault:
    def __init__(self, passphrase):
        self.key = MD5.new(passphrase.encode()).digest()
