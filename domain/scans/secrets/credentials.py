"""Logins written as base64 of `name:password`, as headers and registries want them."""

from __future__ import annotations

import base64
import binascii

from domain.scans.secrets import placeholders


def password_in(coded: bytes) -> bytes:
    """The password; empty: this is no login, or one that stands for another."""
    try:
        text = base64.b64decode(coded.rstrip(b"=") + b"=" * (-len(coded.rstrip(b"=")) % 4), validate=True)
    except binascii.Error:
        return b""
    name, colon, password = text.partition(b":")
    if not colon or not name or not text.isascii() or any(one < 32 for one in text):
        return b""
    return b"" if placeholders.is_reference(password) or placeholders.is_sample(password) else password
