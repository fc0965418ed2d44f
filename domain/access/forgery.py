"""Whether another site makes somebody's browser ask (OWASP ASVS 5.0, 3.5.1 to 3.5.3)."""

from __future__ import annotations

import hashlib
import hmac

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Change nothing here: handlers of these methods only read."""
_LABEL = b"sluiceway csrf v1"


def token_of(secret: str) -> str:
    """What forms and scripts of a session's own pages send back: nobody finds the session by it."""
    return hmac.new(secret.encode(), _LABEL, hashlib.sha256).hexdigest()[:32]


def is_foreign(origin: str, fetch_site: str, own: str) -> bool:
    """Whether a browser says that another origin asks. `own`: the server's.

    A sandboxed page's origin is `null`: foreign. A client without these headers is no browser of today.
    """
    if fetch_site:
        return fetch_site not in ("same-origin", "none")
    return bool(origin) and origin != own


def complaint(method: str, origin: str, fetch_site: str, own: str, secret: str, token: str) -> str:
    """Why a request is not taken for its session's own; empty: it is. `secret`: of the cookie, empty without one."""
    if method.upper() in SAFE:
        return ""
    if is_foreign(origin, fetch_site, own):
        return "another origin asks"
    if not secret:
        return ""
    if not (origin or fetch_site):
        return "the browser does not say which origin asks"
    if not hmac.compare_digest(token.encode("utf-8", "replace"), token_of(secret).encode()):
        return "the page's token is missing or of another session"
    return ""
