"""One spelling for the address of a repository, so that no other spelling leaves a policy's scope."""

from __future__ import annotations

import posixpath
import re

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/]*)(/.*)?", re.DOTALL)
_SCP = re.compile(r"([^/:]+@)?([^/:]+):(?!/)(.+)", re.DOTALL)


def repository_name(address: str) -> str:
    """A path, or `HOST/PATH`: without scheme, user, port, `.git` and a trailing slash; `.` and `..` are resolved."""
    if found := _URL.fullmatch(address):
        scheme, place, path = found[1].lower(), found[2], found[3] or "/"
        if scheme == "file":
            return _plain(path)
        host = place.rpartition("@")[2].lower()
        return (re.sub(r":\d*$", "", host) + _plain(path)).rstrip("/")
    if not address.startswith("/") and (found := _SCP.fullmatch(address)):
        return f"{found[2].lower()}{_plain('/' + found[3])}".rstrip("/")
    return _plain(address) if address else ""


def _plain(path: str) -> str:
    """`//` at the start counts as `/`."""
    whole = posixpath.normpath(re.sub(r"/+", "/", path))
    return whole.removesuffix("/.git").removesuffix(".git") or "/"
