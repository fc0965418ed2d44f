# real: CWE-328
"""Downloads."""

import hashlib


def is_untouched(data, expected):
    return hashlib.sha1(data).hexdigest() == expected
