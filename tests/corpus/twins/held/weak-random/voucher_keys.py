# real: CWE-330
"""Voucher keys."""

import random


class Vouchers:
    def __init__(self, seed):
        self._source = random.Random(seed)

    def new_key(self):
        secret_key = self._source.randbytes(16)
        return secret_key.hex()
