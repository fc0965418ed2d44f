"""Masks secret values in a stream of bytes: as they are, and as tools print them, also across chunks.

Standard library only and cheap to import: the step supervisor masks before a byte reaches the disk. What it costs is in
docs/performance.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from copy import copy
from itertools import accumulate

from domain.core.contained import contained
from domain.core.encodings import (
    PIECE,
    Pieces,
    Span,
    base64_forms,
    fold,
    fold_places,
    hex_forms,
    pattern,
)

MASK = b"***"
MIN_LENGTH = 4
"""Shorter values are not masked: they would blank half of every log."""
PART = 24
"""The shortest part of a value of one line that is masked: a tool cut it off, or wrapped it. Shorter ones are words."""
MAX_HELD = 65_536
"""An unfinished line is held back up to here, so that it is looked at as a whole."""
_LONGEST_ESCAPE = 12
_STANDARD = bytes.maketrans(b"-_", b"+/")
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_LOWER = bytes(range(256)).lower()
_BETWEEN_HEX = b" \t:,\\x-"
_QUOTING = re.compile(rb"[\0-\x1f\x7f%\\&'\"$+]")
_HEX_KEPT = re.compile(rb"0[xX]|[^ \t:,\\xX-]")
_DUMP = re.compile(rb"\n(?:[0-9a-fA-F]{6,16}:?[ \t]| {2,3}\\?\S {2,3}\\?\S {2,3})")
"""Where a line of `xxd`, `hexdump -C` or `od` begins."""
_COLUMN = re.compile(rb"  (?P<plain>.)(?: |$)| ?\\(?P<control>.)(?: |$)|(?P<octal>[0-3][0-7]{2})(?: |$)")
_CONTROLS = {b"0": b"\0", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}


class Masker:
    """Masks a stream chunk by chunk; `flush` returns the rest at the end."""

    def __init__(self, secrets: Iterable[str]) -> None:
        texts = [text for secret in secrets for text in (secret, *contained(secret))]
        values = [raw for raw in dict.fromkeys(one.encode(errors="replace") for one in texts) if _counts(raw)]
        lines = [line for raw in values for line in dict.fromkeys(map(bytes.strip, raw.split(b"\n"))) if _counts(line)]
        # in one line, the breaks of a value are dropped with the other escapes
        joined = {fold(raw).replace(b"\n", b""): raw for raw in values if b"\n" in raw}
        alone, short = {fold(line): line for line in lines}, [line for line in lines if len(fold(line)) < PIECE]
        self._folded = {word: text for word, text in {**joined, **alone}.items() if len(word) >= PIECE}
        literals, patterns = set(lines), map(pattern, short)
        self._patterns = re.compile(b"|".join(patterns), re.I) if short else None
        encoded = [form for raw in values for form in base64_forms(raw)]
        for form in encoded:
            if len(form) < PIECE:
                literals |= {form, form.translate(_URL_SAFE)}
        self._literals = sorted(filter(_counts, literals))
        self._base64 = Pieces(encoded)
        self._parts = Pieces((raw for raw in values if b"\n" not in raw and len(raw) > PART), PART, 8)
        self._hex = Pieces(form for raw in values for form in hex_forms(raw))
        self._raw, self._few = Pieces(values), [raw for raw in values if len(raw) < PIECE]
        self._longest = _LONGEST_ESCAPE * max(map(len, lines), default=0)
        self._held = bytearray()
        self._masks = bool(values)

    def for_another_stream(self) -> Masker:
        """One that shares the tables, and holds nothing back: to make them takes milliseconds for a long key."""
        other = copy(self)
        other._held = bytearray()
        return other

    def whole(self, data: bytes) -> bytes:
        """Masks data that is not part of the stream."""
        return _masked(data, self._spans(data)) if self._masks else data

    def text(self, words: str) -> str:
        """As `whole`, for text."""
        return (
            self.whole(words.encode("utf-8", "backslashreplace")).decode("utf-8", "replace") if self._masks else words
        )

    def feed(self, chunk: bytes) -> bytes:
        """The masked bytes that are safe to write: whole lines. An unfinished one is held back until the next call."""
        if not self._masks:
            return chunk
        self._held += chunk
        end = len(self._held) - len(chunk) + chunk.rfind(b"\n") + 1 if b"\n" in chunk else 0
        if len(self._held) - end > max(MAX_HELD, 2 * self._longest):
            end = len(self._held)
            spans = self._spans(bytes(self._held))
            cut = _cut(end - self._longest, spans)
            out = _masked(bytes(self._held[:cut]), [span for span in spans if span[1] <= cut])
        elif end:
            cut, out = end, self.whole(bytes(self._held[:end]))
        else:
            return b""
        del self._held[:cut]
        return out

    def flush(self) -> bytes:
        """The masked bytes that were held back, at the end of the stream."""
        held, self._held = bytes(self._held), bytearray()
        return self.whole(held)

    def _spans(self, data: bytes) -> list[Span]:
        """The places to mask, in order; none overlap."""
        found = [*self._literal(data), *self._escaped(data), *self._base64.spans(data.translate(_STANDARD))]
        found += [*self._parts.spans(data), *self._digits(data)]
        if self._patterns is not None:
            found += [one.span() for one in self._patterns.finditer(data)]
        found += self._dumped(data, found)
        return _united(found)

    def _literal(self, data: bytes) -> Iterator[Span]:
        return _found(self._literals, data)

    def _escaped(self, data: bytes) -> Iterator[Span]:
        folded = fold(data)
        words = [word for word in self._folded if word in folded]
        if not words:
            return
        lines = _Lines(data)
        for number, text in enumerate(folded.split(b"\n")):
            if any(word in text for word in words):
                at, line = lines[number]
                if _QUOTING.search(line):  # else it has been found as it is
                    plain, places = fold_places(line)
                    for word in words:
                        yield from ((at + one[0], at + one[1]) for one in self._sources(word, plain, places, len(line)))

    def _sources(self, word: bytes, plain: bytes, places: list[Span], size: int) -> Iterator[Span]:
        """Where a word stands in the line, with what it begins and ends with and folding drops."""
        text = self._folded[word]
        for start, end in _found([word], plain):
            first, last = places[start][0], places[end - 1][1]
            if not fold(text[:1]):
                first = places[start - 1][1] if start else 0
            if not fold(text[-1:]):
                last = places[end][0] if end < len(places) else size
            yield first, last

    def _digits(self, data: bytes) -> Iterator[Span]:
        """In hexadecimal digits, whatever stands between the bytes."""
        digits = data.translate(_LOWER).replace(b"0x", b"").translate(None, _BETWEEN_HEX)
        found = list(self._hex.spans(digits))
        if not found:
            return
        lines, number, begins = _Lines(data), 0, 0
        for start, end in found:
            number, begins = number + digits.count(b"\n", begins, start), digits.rfind(b"\n", 0, start) + 1
            at, line = lines[number]
            places = [one.start() for one in _HEX_KEPT.finditer(line) if len(one[0]) == 1]
            yield at + places[start - begins], at + places[end - begins - 1] + 1

    def _dumped(self, data: bytes, found: list[Span]) -> Iterator[Span]:
        """The whole of a line of a dump that shows a part: it shows it twice, or a character in each column."""
        for line in _DUMP.finditer(b"\n" + data):
            start = line.start()
            end = data.find(b"\n", start)
            end = len(data) if end < 0 else end
            content = data[start:end].split(None, 1)[-1] if data[start : start + 1] != b" " else data[start:end]
            shown = b"".join(map(_column, _COLUMN.finditer(data[start:end].partition(b" ")[2])))
            if (
                any(start <= one[0] < end for one in found)
                or any(self._raw.spans(shown))
                or any(one in shown for one in self._few)
            ):
                yield end - len(content), end


def _column(found: re.Match[bytes]) -> bytes:
    """The byte that a column of `od -c` shows."""
    if found["octal"]:
        return bytes([int(found["octal"], 8) & 255])
    return _CONTROLS.get(found["control"], found["control"]) if found["control"] else found["plain"]


def _counts(word: bytes) -> bool:
    return len(word) >= MIN_LENGTH


def _found(words: Iterable[bytes], data: bytes) -> Iterator[Span]:
    for word in words:
        at = data.find(word)
        while at >= 0:
            yield at, at + len(word)
            at = data.find(word, at + 1)


class _Lines:
    """The lines of a text by their number, each with the place where it begins."""

    def __init__(self, data: bytes) -> None:
        self._lines = data.split(b"\n")
        self._ends = [*accumulate(map(len, self._lines))]

    def __getitem__(self, number: int) -> tuple[int, bytes]:
        line = self._lines[number]
        return self._ends[number] - len(line) + number, line


def _united(found: list[Span]) -> list[Span]:
    spans: list[Span] = []
    for start, end in sorted(found):
        if spans and start <= spans[-1][1]:
            spans[-1] = spans[-1][0], max(end, spans[-1][1])
        else:
            spans.append((start, end))
    return spans


def _cut(at: int, spans: list[Span]) -> int:
    """A place near `at` that divides no span."""
    for start, end in spans:
        if start < at < end:
            return start or end
    return at


def _masked(data: bytes, spans: list[Span]) -> bytes:
    parts, at = [], 0
    for start, end in spans:
        parts += [data[at:start], MASK]
        at = end
    return b"".join([*parts, data[at:]])
