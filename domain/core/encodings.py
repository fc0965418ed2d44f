"""The forms in which tools print a value: folded back to one for every escape, and cut in pieces for every encoding.

Standard library only and cheap to import: the step supervisor needs it before a job with secrets starts.
"""

from __future__ import annotations

import binascii
import re
import sys
from collections.abc import Iterable, Iterator

Span = tuple[int, int]
"""Start and end in bytes."""
PIECE = 8
"""The shortest part of an encoded text that is masked."""
_MAX_PLACES = 16
"""Places of one gram that are tried: a text that repeats itself has the same neighbours everywhere."""

_HEX2, _HEX4 = rb"[0-9a-fA-F]{2}", rb"[0-9a-fA-F]{4}"
_STAGES = {
    b"%": re.compile(
        rb"%(?:(?:25)*u(?P<high>[dD][89abAB]" + _HEX2 + rb")%(?:25)*u(?P<low>[dD][c-fC-F]" + _HEX2 + rb")"
        rb"|(?:25)*u(?P<u1>" + _HEX4 + rb")"
        rb"|(?P<bytes>(?:25)*" + _HEX2 + rb"(?:%(?:25)*" + _HEX2 + rb")*))"
    ),
    b"\\": re.compile(
        rb"\\+(?:u(?P<high>[dD][89abAB]" + _HEX2 + rb")\\+u(?P<low>[dD][c-fC-F]" + _HEX2 + rb")"
        rb"|u(?P<u1>" + _HEX4 + rb")"
        rb"|u\{(?P<u2>[0-9a-fA-F]{1,6})\}"
        rb"|U(?P<u3>[0-9a-fA-F]{8})"
        rb"|x(?P<bytes>" + _HEX2 + rb"(?:\\+x" + _HEX2 + rb")*)"
        rb"|(?P<octal>[0-3]?[0-7]{1,2}(?:\\+[0-3]?[0-7]{1,2})*)"
        rb"|(?P<control>[abefnrtvE]))"
    ),
    b"&": re.compile(
        rb"&(?:amp;)*(?:#(?P<decimal>[0-9]{1,7})|#[xX](?P<u1>[0-9a-fA-F]{1,6})|(?P<name>[A-Za-z][A-Za-z0-9]{1,30}));"
    ),
}
"""The escapes that begin with each byte."""
_ROUNDS = 3
"""An escape may give another one: a value that looks like an escape, and escapes of escapes."""
_LAST_HEX = re.compile(_HEX2 + rb"(?=%|\\|\Z)")
_OCTAL = re.compile(rb"[0-7]+")
_CONTROLS = bytes(one for one in range(32) if one != 10) + b"\x7f"
_SYNTAX = _CONTROLS + b"\\'\"$%"
"""What quoting adds, doubles or leaves away, besides control characters."""
_PLUS_IS_SPACE = bytes.maketrans(b"+", b" ")
_NAMES = {b"amp": b"&", b"lt": b"<", b"gt": b">", b"quot": b'"', b"apos": b"'", b"nbsp": b" "}

_DOUBLED = {
    b"'": [rb"'\\+''", b"'\"'\"'", b"''"],
    b'"': [b'""'],
    b"%": [b"%%"],
    b"$": [rb"\$\$"],
    b" ": [rb"\+"],
    b"\\": [rb"\\+"],
    b"\t": [rb"\\+t"],
}


def fold(data: bytes) -> bytes:
    """The same bytes for a text and for each of its escaped forms; lines stay lines.

    URL and percent encodings, JSON, C, shell and Python escapes, entities, doubled quotes. Lossy: only for comparison.
    """
    for _ in range(_ROUNDS):
        before = data
        for lead, escapes in _STAGES.items():
            if lead in data:
                data = escapes.sub(_plain, data)
        if data == before:
            break
    return data.translate(_PLUS_IS_SPACE, _SYNTAX)


def fold_places(line: bytes) -> tuple[bytes, list[Span]]:
    """`fold` of one line, and for each byte of it the place in the line that it stands for."""
    places = [(at, at + 1) for at in range(len(line))]
    for escapes in [*_STAGES.values()] * _ROUNDS:
        plain, kept, at = bytearray(), list[Span](), 0
        for found in escapes.finditer(line):
            coded = _plain(found)
            plain += line[at : found.start()] + coded
            kept += places[at : found.start()]
            kept += [(places[found.start()][0], places[found.end() - 1][1])] * len(coded)
            at = found.end()
        line, places = bytes(plain + line[at:]), kept + places[at:]
    dropped = set(_SYNTAX)
    places = [place for byte, place in zip(line, places, strict=True) if byte not in dropped]
    return line.translate(_PLUS_IS_SPACE, _SYNTAX), places


def _plain(found: re.Match[bytes]) -> bytes:
    """What an escape stands for, without the line break that it may stand for."""
    kind, text = found.lastgroup or "", found[0]
    if kind == "bytes":
        return _either(bytes(int(one, 16) for one in _LAST_HEX.findall(text)))
    if kind == "octal":
        return _either(bytes(int(one, 8) & 255 for one in _OCTAL.findall(text)))
    if kind == "control":
        return b""
    if kind == "low":
        high, low = int(found["high"], 16), int(found["low"], 16)
        return _character(0x10000 + ((high - 0xD800) << 10) + low - 0xDC00)
    if kind == "decimal":
        return _character(int(found[kind]))
    return _named(text, found[kind]) if kind == "name" else _character(int(found[kind], 16))


def _either(raw: bytes) -> bytes:
    """Bytes of UTF-8, or the characters of Latin-1 that `escape` and `repr` write as bytes."""
    try:
        raw.decode()
    except UnicodeDecodeError:
        raw = raw.decode("latin-1").encode()
    return raw.replace(b"\n", b"")


def _character(number: int) -> bytes:
    if number == 10 or number > 0x10FFFF:
        return b""
    return chr(number).encode("utf-8", "replace")


def _named(text: bytes, name: bytes) -> bytes:
    if name in _NAMES:
        return _NAMES[name]
    from html.entities import html5  # imported lazily: rare, and large

    return html5.get(name.decode() + ";", text.decode()).encode().replace(b"\n", b"")


def pattern(line: bytes) -> bytes:
    """Matches a value of a few characters, each in any of its escapes: `fold` would leave too little of it."""
    return b"".join(map(_any_form, line.decode("utf-8", "replace")))


def _any_form(character: str) -> bytes:
    raw, number = character.encode(), ord(character)
    forms = [rb"\\*" + re.escape(raw), b"".join(b"%%(?:25)*%02x" % one for one in raw)]
    forms += [b"".join(rb"\\+x%02x" % one for one in raw), b"".join(rb"\\+0*%o" % one for one in raw)]
    forms += [rb"\\+u\{?0*%x\}?" % number, b"&(?:amp;)*#0*%d;" % number, b"&(?:amp;)*#x0*%x;" % number]
    forms += [b"&(?:amp;)*%s;" % name for name, text in _NAMES.items() if text == raw]
    return b"(?:" + b"|".join([*_DOUBLED.get(raw, []), *forms]) + b")"


def base64_forms(raw: bytes) -> list[bytes]:
    """What the value alone determines of its base64 at each of the three alignments, and the whole of its own."""
    forms = [binascii.b2a_base64(raw, newline=False)]
    for shift in range(3):
        encoded = binascii.b2a_base64(b"\0" * shift + raw, newline=False)
        # the first and last characters hold bits of the neighbours, too
        forms.append(encoded[-(-shift * 8 // 6) : (shift + len(raw)) * 8 // 6])
    return forms


def hex_forms(raw: bytes) -> list[bytes]:
    """Lower-case digits in order, and in words of two bytes as `hexdump` and `od -x` print them."""
    swapped = [bytes(cut[index ^ 1] for index in range(len(cut) & ~1)) for cut in (raw, raw[1:])]
    return [one.hex().encode() for one in (raw, *swapped)]


class Pieces:
    """Finds each part of some texts that is at least `piece` bytes long, in linear time.

    `gram`: 4 or 8 bytes that are looked up at once; at most half of `piece`, so that each part has an aligned one.
    """

    def __init__(self, texts: Iterable[bytes], piece: int = PIECE, gram: int = 4) -> None:
        self._piece, self._gram = piece, gram
        self._places: dict[int, list[tuple[bytes, int]]] = {}
        for text in dict.fromkeys(texts):
            for start in range(len(text) - gram + 1):
                number = int.from_bytes(text[start : start + gram], sys.byteorder)
                places = self._places.setdefault(number, [])
                if len(places) < _MAX_PLACES:
                    places.append((text, start))

    def spans(self, data: bytes) -> Iterator[Span]:
        """In order."""
        if not self._places:
            return
        groups = memoryview(data + bytes(-len(data) % self._gram)).cast("I" if self._gram == 4 else "Q")
        if self._places.keys().isdisjoint(groups):
            return
        done = 0
        for index, group in enumerate(groups):
            if group in self._places and index * self._gram >= done:
                start, end = self._longest(data, index * self._gram, self._places[group])
                if end - start >= self._piece:
                    yield start, end
                    done = end

    @staticmethod
    def _longest(data: bytes, at: int, places: list[tuple[bytes, int]]) -> Span:
        best = (at, at)
        for text, place in places:
            left = right = 0
            while left < min(at, place) and data[at - left - 1] == text[place - left - 1]:
                left += 1
            most = min(len(data) - at, len(text) - place)
            while right < most and data[at + right] == text[place + right]:
                right += 1
            if left + right > best[1] - best[0]:
                best = (at - left, at + right)
        return best
