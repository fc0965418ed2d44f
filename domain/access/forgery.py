"""The token of a session's own pages (OWASP ASVS 5.0, 3.5.1). Which origin asks, the gate has looked at before."""

from __future__ import annotations

import hashlib
import hmac

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Change nothing here: handlers of these methods only read."""
_LABEL = b"sluiceway csrf v1"


def token_of(secret: str) -> str:
    """What forms and scripts of a session's own pages send back: nobody finds the session by it."""
    return hmac.new(secret.encode(), _LABEL, hashlib.sha256).hexdigest()[:32]


def complaint(method: str, secret: str, token: str) -> str:
    """Why a request is not of a page of its session; empty: it is. `secret`: of the cookie, empty without one."""
    if method.upper() in SAFE or not secret:
        return ""
    if not hmac.compare_digest(token.encode("utf-8", "replace"), token_of(secret).encode()):
        return "the page's token is missing or of another session"
    return ""
