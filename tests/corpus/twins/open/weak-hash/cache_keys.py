# twin: CWE-328
"""Cache keys."""

import hashlib


def cache_key(url):
    return hashlib.sha1(url.encode(), usedforsecurity=False).hexdigest()
