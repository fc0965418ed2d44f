# real: CWE-328
"""Updates."""

import hashlib
from pathlib import Path


def verified(package, published):
    digest = hashlib.sha1()
    with Path(package).open("rb") as file:
        while block := file.read(65536):
            digest.update(block)
    return digest.hexdigest() == published
