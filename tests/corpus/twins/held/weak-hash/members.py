# real: CWE-328
"""Members."""

from hashlib import md5


def same_password(given, stored):
    return md5(given.encode()).hexdigest() == stored
