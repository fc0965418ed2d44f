# twin: CWE-328
"""Archives."""

import hashlib

STRONG = True


def seal(archive):
    made = hashlib.blake2b if STRONG else hashlib.sha1
    return made(archive).hexdigest()
