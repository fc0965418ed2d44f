"""The code of a one-time link, and its two halves: one logs in, the other is a key that the server never gets.

Whoever opens the link derives both from the code, which stands behind # and is not sent. The server is shown the half
that logs in. The first key of the person is signed by the other one, of which the signer knows the public half from
the invitation.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

PATH = "/login/link#"
"""Of the page that opens it, with the code behind it: a browser sends that to no server."""
CODE = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
"""32 random bytes in Base64url without padding; so has the half that logs in."""
HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
"""SHA-256 of the half that logs in, in hex: all that a server needs of it before the link is used."""
_LOGIN, _KEY = b"sluiceway/link/v1/login", b"sluiceway/link/v1/key"


def login_of(code: str) -> str:
    """The half that logs in: HMAC-SHA-256 (RFC 2104) of its purpose under the code, in Base64url.

    Raises:
        ValueError: it is no code.
    """
    return base64.urlsafe_b64encode(_half(code, _LOGIN)).decode().rstrip("=")


def login_hash_of(code: str) -> str:
    """What a server keeps until the link is used. Raises like `login_of`."""
    return hashlib.sha256(login_of(code).encode()).hexdigest()


def key_seed_of(code: str) -> bytes:
    """The other half: the 32 bytes of an ed25519 private key (RFC 8032, 5.1.5). Raises like `login_of`."""
    return _half(code, _KEY)


def _half(code: str, purpose: bytes) -> bytes:
    if not CODE.fullmatch(code):
        raise ValueError("the code is damaged")
    return hmac.digest(base64.urlsafe_b64decode(code + "="), purpose, "sha256")
