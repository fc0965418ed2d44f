"""Escapes, base64, hexadecimal digits and numbers, as the text that they stand for."""

from __future__ import annotations

import binascii
import html
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

from domain.scans.secrets.bounds import INFLATED, Reached
from domain.scans.secrets.patterns import compiled
from domain.scans.secrets.pieces import Piece
from domain.scans.secrets.streams import streams

ESCAPES = re.compile(
    rb"\\u+00[0-7][0-9A-Fa-f]|\\x[0-7][0-9A-Fa-f]|\\0?[01][0-7]{2}|\\[4-7][0-7]|\\[xu]\{0{0,6}[0-7][0-9A-Fa-f]\}"
    rb"|\\U000000[0-7][0-9A-Fa-f]|\\o\{0{0,4}[01]?[0-7]{2}\}|`u\{0{0,6}[0-7][0-9A-Fa-f]\}"
    rb"|\\N\{[A-Za-z][A-Za-z0-9 -]{2,60}\}"
    rb"|%u00[0-7][0-9A-Fa-f]|%[0-7][0-9A-Fa-f]"
    rb"|&#0{0,6}[0-9]{2,3};?|&#[xX]0{0,6}[0-7][0-9A-Fa-f];?"
    rb"|&(?:quot|amp|lt|gt|apos|lowbar|plus|sol|period|hyphen|equals|colon|num|dollar);|\\/"
)
"""In all languages that write them so, of characters of ASCII: others are in no secret."""
ESCAPED = compiled(ESCAPES.pattern.decode())
_ADDRESS = re.compile(rb"\\N\{([^}]*)\}")
_LINES = compiled(r"(?:[A-Za-z0-9+/]{16,}\r?\n[ \t]*)+[A-Za-z0-9+/]{2,}={0,2}")
"""Base64 or hexadecimal digits in several lines."""
_DIGITS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-"
_WORDS = bytes(byte if byte in _DIGITS else 32 for byte in range(256))
_SHORTEST = 20
_SURE = 5
"""So many groups of base64 at the beginning say whether the whole may be a text."""
_NUMBERS = compiled(
    r"(?:(?:0[xX]|0[oO]|&[hH]|\b)0?[0-9a-fA-F]{1,3}(?i:u8|i8|u)?\b"
    r"[\W_]+(?:(?:#|//)[^\n]*\n[\W_]*)?(?i:(?:string\.fromcharcode|fromcharcode|chrw?|n?char|byte|uint8|rune|from|toenum|cast)[\W_]+)?){7,}"
    r"(?:0[xX]|0[oO]|&[hH])?0?[0-9a-fA-F]{1,3}\b"
)
"""Numbers of bytes in a row, each alone or in a call that makes a character of it."""
_NUMBER = re.compile(rb"(?<!\w)(0[xX]|&[hH]|0[oO])?([0-9A-Fa-f]{1,4})(?:u8|i8|u)?(?!\w)")
_REMARK = re.compile(rb"(?:#(?![0-9A-Fa-f])|//)[^\n]*")
_PRINTABLE = bytes([9, 10, 13, *range(32, 127)])
_READABLE = bytes([0, *_PRINTABLE, 0xEF, 0xBB, 0xBF, 0xFE, 0xFF])
"""In a text, in an encoding with a mark or without."""
_LEAST_PRINTABLE = 0.95
_LEAST = 8
_LEAST_DIFFERENT = 7
"""Characters in a text with a secret. One of fewer, such as the pixels of an area, can decode to itself for ever."""


def unescaped(match: re.Match[bytes]) -> bytes:
    """The character of an escape; what is none stays."""
    text = match[0]
    if text[:1] == b"&":
        return html.unescape(text.decode("ascii")).encode("utf-8")
    if text[:1] == b"%" and text[1:2] != b"u":
        return unquote_to_bytes(text)
    if named := _ADDRESS.fullmatch(text):
        return _named(named[1].decode("ascii")) or text
    if text == b"\\/":
        return b"/"
    octal = text[1:2] in b"01234567o"
    return bytes([int(text.strip(b"\\%`uUxo{}"), 8 if octal else 16)])


def _named(name: str) -> bytes:
    try:
        return unicodedata.lookup(name).encode("utf-8")
    except KeyError:
        return b""


def uncoded(text: bytes, reached: Reached) -> Iterator[Piece]:
    """Everything in it that decodes to a text."""
    blocks, at = list[tuple[int, int]](), 0
    for match in _LINES.finditer(text):
        if made := _text_in(b"".join(match.group().split()).rstrip(b"="), reached):
            blocks.append((match.start(), match.end()))
            yield Piece(made, ((0, match.start()),), 0)
    for word in [one for one in text.translate(_WORDS).split() if len(one) >= _SHORTEST]:
        if made := _text_in(word, reached):
            at = text.find(word, at)
            index = bisect_right(blocks, (at, len(text))) - 1
            if index < 0 or at >= blocks[index][1]:
                yield Piece(made, ((0, at),), 0)
            at += len(word)


def numbered(text: bytes) -> Iterator[Piece]:
    """Rows of numbers that are the characters of a text."""
    for match in _NUMBERS.finditer(text):
        if made := _characters(match.group()):
            yield Piece(made, ((0, match.start()),), 0)


def _characters(row: bytes) -> bytes:
    """As hexadecimal, decimal and octal numbers: each reading that is a text, below one another."""
    numbers = _NUMBER.findall(_REMARK.sub(b"", row))
    signed = [(digits, 8 if sign in (b"0o", b"0O") else 16) for sign, digits in numbers if sign]
    octal = [(digits, 8) for sign, digits in numbers if digits[:1] == b"0" and not sign]
    decimal = [(digits, 10) for sign, digits in numbers if digits.isdigit() and not sign]
    pairs = [(digits, 16) for sign, digits in numbers if len(digits) == 2 and not sign]
    readings = (bytes(filter(None, map(_byte, each))) for each in (signed, octal, decimal, pairs))
    return b"\n".join(one for one in readings if is_text(one))


def _byte(number: tuple[bytes, int]) -> int:
    try:
        value = int(*number)
    except ValueError:
        return 0
    return value if value < 256 else 0


def _text_in(digits: bytes, reached: Reached) -> bytes:
    """The text that these are the base64 or the hexadecimal digits of; empty: it is data."""
    for decode in (_hexadecimal, _base64):
        made = decode(digits)
        if made[:2] in _PACKED:
            made = b"\n".join(one.made for one in streams(made, reached, most=INFLATED)) or made
        made = made.lstrip(b"\xff\xfe\xef\xbb\xbf").replace(b"\0", b"")
        if is_text(made) and len(set(made)) >= _LEAST_DIFFERENT:
            return made
    return b""


_PACKED = (b"\x1f\x8b", b"x\x01", b"x\x5e", b"x\x9c", b"x\xda", b"PK", b"BZ", b"\xfd7")
"""How what is compressed begins."""


def is_text(made: bytes) -> bool:
    """Nearly all of it is printable."""
    return len(made) >= _LEAST and len(made.translate(None, _PRINTABLE)) <= (1 - _LEAST_PRINTABLE) * len(made)


def _hexadecimal(digits: bytes) -> bytes:
    try:
        return binascii.unhexlify(digits) if len(digits) % 2 == 0 else b""
    except binascii.Error:
        return b""


def _base64(digits: bytes) -> bytes:
    head = binascii.a2b_base64(digits[: min(4 * _SURE, len(digits) // 4 * 4)].translate(_STANDARD))
    if head[:2] not in _PACKED and len(head.translate(None, _READABLE)) > len(head) // _SURE:
        return b""
    whole = digits[: len(digits) - (len(digits) % 4 == 1)]
    return binascii.a2b_base64(whole.translate(_STANDARD) + b"=" * (-len(whole) % 4))


_STANDARD = bytes.maketrans(b"-_", b"+/")
