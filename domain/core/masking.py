"""Removes secret values from a stream of bytes, also when encoded, also across chunks.

Standard library only and cheap to import: the step supervisor uses it before a byte reaches the disk.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

MASK = b"***"
MIN_LENGTH = 4
"""Shorter values are not masked: they would blank half of every log. The definition's linter warns."""


def spellings(secret: str) -> set[bytes]:
    """The value itself, URL-encoded, in base64 at each of its three alignments, and its lines one by one."""
    raw = secret.encode()
    found = {raw, quote(secret, safe="").encode(), quote_plus(secret).encode()}
    for alphabet in (base64.b64encode, base64.urlsafe_b64encode):
        found.add(alphabet(raw))
        for shift in range(3):
            encoded = alphabet(b"\0" * shift + raw)
            # the first and last groups mix with their neighbours' bits, so only what the value alone decides is kept
            start = -(-shift * 8 // 6)
            end = (shift + len(raw)) * 8 // 6
            found.add(encoded[start:end])
    found.update(line.strip().encode() for line in secret.splitlines())
    return {spelling for spelling in found if len(spelling) >= MIN_LENGTH}


class Masker:
    """Feed chunks in; what comes out can be written. `flush` at the end gives the rest."""

    def __init__(self, secrets: Iterable[str]) -> None:
        every: set[bytes] = set()
        for secret in secrets:
            every |= spellings(secret)
        # longest first, so that a secret which contains another is masked as a whole
        words = sorted(every, key=lambda word: (-len(word), word))
        self._pattern = re.compile(b"|".join(re.escape(word) for word in words)) if words else None
        self._words = words
        self._held = b""

    def whole(self, data: bytes) -> bytes:
        """Data that is not a part of the stream."""
        return self._pattern.sub(MASK, data) if self._pattern else data

    def feed(self, chunk: bytes) -> bytes:
        """What may be written now. The possible beginning of a secret is held back until the next call or `flush`."""
        if self._pattern is None:
            return chunk
        data = self._pattern.sub(MASK, self._held + chunk)
        keep = self._possible_start(data)
        self._held = data[len(data) - keep :]
        return data[: len(data) - keep]

    def flush(self) -> bytes:
        """What was held back, at the end of the stream."""
        held, self._held = self._held, b""
        return held

    def _possible_start(self, data: bytes) -> int:
        """How many bytes at the end could be the beginning of a secret."""
        longest = 0
        for word in self._words:
            for size in range(min(len(word) - 1, len(data)), longest, -1):
                if data.endswith(word[:size]):
                    longest = size
                    break
        return longest
