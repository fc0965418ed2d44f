"""Which paths of a definition are asked of a service: a text behind an address must never become another address."""

from __future__ import annotations

import re
from urllib.parse import unquote

MOST = 2_000
"""Characters."""
_PLAIN = re.compile(r"/[\x21-\x5b\x5d-\x7e]*", re.ASCII)


def path_complaint(path: str) -> str:
    """Why this path cannot be asked; empty: it can, as it is. An empty one stands for `/`.

    `@host` would make what is before it a user's name (RFC 3986, 3.2.1), and `..` leads out of what a proxy reaches.
    """
    if not path:
        return ""
    if len(path) > MOST:
        return f"the path has more than {MOST} characters"
    if not _PLAIN.fullmatch(path):
        return "a path begins with / and is of ASCII, without spaces and backslashes"
    segments = unquote(re.split(r"[?#]", path)[0]).replace("\\", "/").split("/")
    return "a path does not lead upwards" if {".", ".."} & set(segments) else ""
