# twin: CWE-328
"""Signed."""

import hashlib
import hmac


def signature(body, secret):
    return hmac.new(secret, body, hashlib.sha256).hexdigest()
