# real: CWE-328
"""Cookies."""

import hashlib
import hmac


def cookie_signature(value, key):
    return hmac.new(key, value.encode(), hashlib.md5).hexdigest()
