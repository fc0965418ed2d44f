# real: CWE-330
"""Nonces."""

import numpy


def nonce_for(request):
    nonce = numpy.random.randint(0, 2**31)
    return f"{request}-{nonce}"
