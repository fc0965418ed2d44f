"""Tells an agent where to go on: settings that only it can read, since a step of its job may be what passes them on.

Beside agent_tokens.py, which helpers load for each step.
"""

from __future__ import annotations

import base64
import hashlib
import secrets

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MOVES = "sluiceway agent move\n"
"""What tells the key from other uses of a token (deploy/agent/agent.go has it, too)."""


def sealed(token: str, settings: str) -> str:
    """By the token that the agent has: AES-256-GCM (NIST SP 800-38D), its nonce of 12 bytes first, in base64."""
    nonce = secrets.token_bytes(12)
    key = hashlib.sha256(f"{MOVES}{token}".encode()).digest()
    return base64.b64encode(nonce + AESGCM(key).encrypt(nonce, settings.encode(), None)).decode()
