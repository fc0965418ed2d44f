# real: CWE-328
"""Backups."""

from Crypto.Hash import SHA1


def seal(archive):
    return SHA1.new(archive).hexdigest()
