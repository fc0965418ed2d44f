# real: CWE-328
"""Signatures."""

import hashlib


def signature(body, secret):
    return hashlib.sha1(secret + body).hexdigest()
