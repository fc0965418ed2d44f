"""Python that is newer than the interpreters that scanners run on, written so that they can read it.

Exception types without parentheses (PEP 758, Python 3.14) get theirs; lines stay. In Python 2 the same text named the
exception, so a file of that age is read where nothing else in it is older, instead of not at all.
"""

from __future__ import annotations

import re

from domain.scans.files.scripts import is_readable

_BARE = re.compile(r"^([ \t]*except\*?[ \t]+)([\w.]+(?:[ \t]*,[ \t]*[\w.]+)+[ \t]*,?)([ \t]*:)", re.M)


def with_parentheses(data: bytes) -> bytes | None:
    """The source with parentheses around exception types; None: it needs none, or they are not enough."""
    if b"except" not in data:
        return None
    try:
        changed, count = _BARE.subn(r"\1(\2)\3", data.decode())
    except UnicodeDecodeError:
        return None
    return changed.encode() if count and not is_readable(data) and is_readable(changed.encode()) else None
