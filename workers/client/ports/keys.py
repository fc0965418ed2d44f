"""Keys of intents: the same change asked again under its key happens once."""

from __future__ import annotations

import secrets


def new_key() -> str:
    """A key for one intent."""
    return secrets.token_hex(16)
