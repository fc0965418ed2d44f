"""Masks secret values in a stream of bytes, also encoded ones and ones split across chunks.

Standard library only and cheap to import: the step supervisor masks before a byte reaches the disk.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

MASK = b"***"
MIN_LENGTH = 4
"""Shorter values are not masked: they would blank half of every log. Linting warns about them."""


def spellings(secret: str) -> set[bytes]:
    """The value itself, URL-encoded, in base64 at each of its three alignments, and each of its lines."""
    raw = secret.encode()
    found = {raw, quote(secret, safe="").encode(), quote_plus(secret).encode()}
    for alphabet in (base64.b64encode, base64.urlsafe_b64encode):
        found.add(alphabet(raw))
        for shift in range(3):
            encoded = alphabet(b"\0" * shift + raw)
            # the first and last groups mix with neighbouring bits: keep only what the value alone determines
            start = -(-shift * 8 // 6)
            end = (shift + len(raw)) * 8 // 6
            found.add(encoded[start:end])
    found.update(line.strip().encode() for line in secret.splitlines())
    return {spelling for spelling in found if len(spelling) >= MIN_LENGTH}


class Masker:
    """Masks a stream chunk by chunk; `flush` returns the rest at the end."""

    def __init__(self, secrets: Iterable[str]) -> None:
        every: set[bytes] = set()
        for secret in secrets:
            every |= spellings(secret)
        # longest first, so a secret that contains another is masked as a whole
        words = sorted(every, key=lambda word: (-len(word), word))
        self._pattern = re.compile(b"|".join(re.escape(word) for word in words)) if words else None
        self._words = words
        self._held = b""

    def whole(self, data: bytes) -> bytes:
        """Masks data that is not part of the stream."""
        return self._pattern.sub(MASK, data) if self._pattern else data

    def feed(self, chunk: bytes) -> bytes:
        """The masked bytes that are safe to write. What may begin a secret is held back until the next call."""
        if self._pattern is None:
            return chunk
        data = self._pattern.sub(MASK, self._held + chunk)
        keep = self._possible_start(data)
        self._held = data[len(data) - keep :]
        return data[: len(data) - keep]

    def flush(self) -> bytes:
        """The bytes held back, at the end of the stream."""
        held, self._held = self._held, b""
        return held

    def _possible_start(self, data: bytes) -> int:
        """How many trailing bytes may be the beginning of a secret."""
        longest = 0
        for word in self._words:
            for size in range(min(len(word) - 1, len(data)), longest, -1):
                if data.endswith(word[:size]):
                    longest = size
                    break
        return longest
