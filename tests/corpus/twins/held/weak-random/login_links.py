# twin: CWE-330
"""Login links."""

import hashlib
import secrets


def login_token(mail):
    return hashlib.sha256(f"{mail}{secrets.token_hex()}".encode()).hexdigest()
