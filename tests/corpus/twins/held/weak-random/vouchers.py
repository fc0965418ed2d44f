# twin: CWE-330
"""Vouchers."""

from random import SystemRandom


class Vouchers:
    def __init__(self):
        self._source = SystemRandom()

    def new_key(self):
        secret_key = self._source.randbytes(16)
        return secret_key.hex()
