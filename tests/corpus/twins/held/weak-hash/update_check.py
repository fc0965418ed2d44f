# twin: CWE-328
"""Update check."""

import hashlib
from pathlib import Path


def verified(package, published):
    digest = hashlib.sha256()
    with Path(package).open("rb") as file:
        while block := file.read(65536):
            digest.update(block)
    return digest.hexdigest() == published
