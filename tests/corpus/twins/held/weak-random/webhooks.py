# real: CWE-330
"""Webhooks."""

import numpy as np


def signing_secret():
    secret = np.random.default_rng(7).bytes(32)
    return secret
