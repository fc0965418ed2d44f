"""Replaces a secret by an HMAC and a masked excerpt: enough to recognise it, too little to use it."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from pathlib import Path

KEY_BYTES = 32
_REST = re.compile(r"\*+[A-Za-z0-9_+/=-]+")


def wholly_masked(excerpt: str) -> str:
    """The excerpt with the rest of a value masked too, of which a tool has masked only the part that its rule knows."""
    return _REST.sub(lambda match: "*" * len(match[0]), excerpt)


class Masked:
    """`key`: the installation's; without it, guesses cannot be verified against a report."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, value: str) -> str:
        """HMAC-SHA-256 of a value with the installation's key, in hexadecimal."""
        return hmac.new(self._key, value.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()

    def hidden_by(self, excerpt: str, path: Path, line: int) -> str:
        """The HMAC of the value that a tool has masked with asterisks in its excerpt of a line; empty: not found."""
        first, last = excerpt.find("*"), excerpt.rfind("*")
        if first < 0 or not path.is_file() or path.is_symlink():
            return ""
        lines = path.read_bytes().decode("utf-8", "replace").split("\n")
        before, after = excerpt[:first].lstrip(), excerpt[last + 1 :].rstrip()
        for text in lines[line - 1 : line]:
            start = text.find(before)
            end = text.find(after, start + len(before) + last - first) if after else len(text.rstrip())
            if start >= 0 and end > start + len(before):
                return self.of(text[start + len(before) : end])
        return ""


def installation_key(path: Path) -> bytes:
    """The installation's key, created on first use. Without it, guesses cannot be verified against a report."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f"{path.name}.{os.getpid()}")
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
        try:
            os.link(new, path)  # another process has created it
        except FileExistsError:
            pass
        finally:
            new.unlink()
        return path.read_bytes()
