"""Whether a value behind a name that speaks of secrets is one, and how sure that is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from domain.scans.findings.model import Severity
from domain.scans.secrets import entropy, placeholders
from domain.scans.secrets.context import Context, Place

_HASH = re.compile(
    rb"\$(?:2[abxy]?|[1567y]|apr1|argon2\w{0,2})\$|(?:argon2\w{0,2}|pbkdf2[-_:]?\w{0,12}|b?scrypt\w{0,8}|md5|sha\d{1,3})[$:].{8}"
)
"""The hash of a password: it has to be guessed first."""
MAX_VALUE = 512
"""Longer values are data; keys in blocks have rules of their own."""


@dataclass(frozen=True)
class Judged:
    """A value that counts."""

    severity: Severity
    confidence: str


_SURE = Judged(Severity.HIGH, "high")
_LIKELY = Judged(Severity.HIGH, "medium")
_PERHAPS = Judged(Severity.MEDIUM, "medium")
_WEAK = Judged(Severity.MEDIUM, "low")
_EXAMPLE = Judged(Severity.LOW, "medium")


def judged(name: bytes, value: bytes, context: Context, *, password: bool, beside_login: bool = False) -> Judged | None:
    """None: it is none, as far as anybody can tell from the text.

    `password`: the name says password, which people make up; else a token or a key, which programs make.
    `beside_login`: a user or a host is named nearby, as in a record of credentials.
    """
    if not 3 <= len(value) <= MAX_VALUE or placeholders.is_reference(value) or placeholders.is_sample(value):
        return None
    if context.example:
        return _of_an_example(value)
    if context.labels and placeholders.is_wording(value):
        return None
    if context.sample:
        return _of_a_sample(name, value, password=password)
    if _HASH.match(value):
        return _PERHAPS
    random = entropy.random_looking(value)
    credentials = context.place is Place.CREDENTIALS or (beside_login and context.place is Place.CONFIGURATION)
    if b" " in value and placeholders.is_wording(value):
        return None
    if credentials and password:
        return _WEAK if placeholders.is_weak(value, name) else _LIKELY
    if random and not placeholders.is_wording(value):
        return _SURE if entropy.bits(value) >= 3.5 else _LIKELY
    if placeholders.is_weak(value, name) or placeholders.is_wording(value):
        return _WEAK if context.place is Place.CONFIGURATION and password and _strange(value, name) else None
    if context.place is not Place.CODE:
        return _LIKELY if password or len(value) >= 12 else None
    return _PERHAPS if _made_up(value, password) else None


def _of_an_example(value: bytes) -> Judged | None:
    """In tests and in prose only what no person would type."""
    if len(value) < 20 or not entropy.random_looking(value, 3.6) or placeholders.is_wording(value):
        return None
    return _EXAMPLE


def _of_a_sample(name: bytes, value: bytes, *, password: bool) -> Judged | None:
    """In a file that is to be copied: what looks as if it was copied from a real one."""
    if placeholders.is_weak(value, name) or placeholders.is_wording(value):
        return None
    if entropy.random_looking(value, 3.5):
        return _PERHAPS
    return _EXAMPLE if len(value) >= 8 and _made_up(value, password) else None


def _strange(value: bytes, name: bytes) -> bool:
    """A word with a digit, or one that is neither a name for it nor common."""
    digit = any(48 <= one <= 57 for one in value)
    return (
        (digit or not placeholders.is_weak(value, name)) and len(value) >= 6 and value.isalnum() and not value.isdigit()
    )


def _made_up(value: bytes, password: bool) -> bool:
    """As people make a password: letters with digits or signs, no words in a row."""
    if b" " in value or not any(chr(one).isalpha() for one in value):
        return False
    digit, sign = any(48 <= one <= 57 for one in value), any(one in b"!@#$%^&*+=?~" for one in value)
    return (digit and len(value) >= (6 if password else 16)) or (sign and password and len(value) >= 6)
