"""Values that only stand where a secret will be: references, templates, samples, names."""

from __future__ import annotations

import re
from unicodedata import category

_REFERENCE = re.compile(
    rb"^[$%@&*!]?[{(<\[]|^\$[A-Za-z_]|^%[A-Za-z_]\w*%$|^%[-+ #0]?\d*[a-zA-Z]$|^@\w+@$|^[<\[({].*[>\])}]$"
    rb"|\$\{|\{\{|<%|\$\("
    rb"|^(?:https?|file|vault|secret|op|ref\+\w+|aws-?sm|ssm|gcp|keyring|env|var|data|local|module|arn|urn)[:.]/?/?"
    rb"|^(?:projects|secrets?|kv)/|^ENC\[|^!\w|^(?:~|\.{1,2})?/[\w.@/ :{}*-]*$|^[A-Za-z]:\\"
    rb"|(?:^|[^A-Za-z])(?:getenv|environ|process\.env|os\.env|config\.|settings\."
    rb"|self\.|this\.|request\.|params?\.|args\.|secrets\.|ctx\.)"
    rb"|^\w+(?:\.\w+)*\(|%\(\w+\)s"
    rb"|^\{[\w.:!]*\}$|\\[1-9](?:\D|$)|^\[[A-Z ]+\]$|^\s*[),;+?|&]|^\d{4}-\d\d-\d\d(?:[T ]|$)"
    rb"|===|=>|&&|\|\||^[~^v]?\d+(?:\.\d+){1,3}$"
    rb"|^[\w.]+ ?[:=]{1,2} ?['\"]",
    re.IGNORECASE,
)
_NOTHING = frozenset(
    b"true false yes no on off null nil none undefined void empty default unset disabled enabled required optional"
    b" string str text int integer bytes varchar char boolean bool object any unknown n/a na tbd todo fixme".split()
)
_SAMPLE = re.compile(
    rb"change.?(?:me|it|this)|replace.?(?:me|this|with)|your[-_. ]|^your|[-_. ]here$|^my[-_ ]|example|sample|dummy|"
    rb"place.?holder|"
    rb"x{4,}|^x+$|\*{3,}|\.{3}|redacted|removed|masked|hidden|not.?(?:a.?)?real|fake|insert|enter.?|foobar|lorem|"
    rb"to.?be.?(?:set|filled)|(?:put|set|fill|add|todo).{0,3}(?:in|your|me)|"
    rb"^<|>$|^0+$|test.?only|not.?used|unused|^some[-_]|^the[-_]|"
    rb"mock|^insecure|^not[-_ ]?secret|^no[-_]?(?:pass|secret|token)",
    re.IGNORECASE,
)
_WEAK = re.compile(
    rb"^(?:\w{0,12}?[-_.]?(?:pass(?:word|wd|phrase|code)?|pwd|secret|token|key|credentials?)[-_.]?\w{0,3}?|test\w{0,6}|admin\w{0,3}|root|user\w?"
    rb"|guest|postgres|mysql|abc\d{0,4}|foo|bar|baz|spam|eggs|qwerty\w{0,3}|[0-9]{1,6}|1234\d*|a+|letmein|welcome\d?|hello\w{0,5}|me|it)$",
    re.IGNORECASE,
)
_SEQUENCES = (b"0123456789", b"abcdefghijklmnopqrstuvwxyz", b"9876543210", b"qwertyuiop")


def is_reference(value: bytes) -> bool:
    """It says where the value is, or is filled in later."""
    return bool(_REFERENCE.search(value)) or value.lower() in _NOTHING


def is_sample(value: bytes) -> bool:
    """It says itself that it has to be replaced, or is a row of the same or of consecutive characters."""
    small = value.lower()
    if _SAMPLE.search(small) or (len(set(small)) <= 2 and not small.isdigit()):
        return True
    return any(run in small for run in _SEQUENCES) or (len(small) >= 6 and any(small in run for run in _SEQUENCES))


def is_weak(value: bytes, name: bytes = b"") -> bool:
    """A word that everybody guesses, or the name once more: a bad password, or none."""
    bare = _bare(value)
    return bool(_WEAK.match(value)) or not bare or bare == _bare(name)


def is_wording(value: bytes) -> bool:
    """Words for readers or for programs: an identifier, a sentence, a heading, in any language."""
    if not value.isascii() and _is_foreign(value.decode("utf-8", "replace")):
        return True
    if b" " in value:
        words = value.split()
        plain = sum(word.strip(b".,:;!?()'\"-").isalpha() for word in words)
        return plain * 2 >= len(words)
    return bool(_IDENTIFIER.match(value))


def _is_foreign(text: str) -> bool:
    """Nothing but letters, marks and what ends a sentence, many of them not of ASCII."""
    signs = sum(not (char.isalpha() or char in " .,:;!?()'\"-" or category(char)[0] in "MP") for char in text)
    letters = sum(not char.isascii() and char.isalpha() for char in text)
    return not signs and (" " in text or letters * 2 >= len(text) or text.isalpha())


_IDENTIFIER = re.compile(
    rb"^(?:[A-Za-z]+(?:[-_.:/ ][A-Za-z]+)*[-_.:]?\d?|[A-Z][a-z]+(?:[A-Z][a-z]+)+|[a-z]+(?:[A-Z][a-z]+)+"
    rb"|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+|[A-Z]+(?:_[A-Z0-9]+)+)$"
)


def _bare(text: bytes) -> bytes:
    return bytes(one for one in text.lower() if one not in b"-_. ")


def is_made_up(value: bytes) -> bool:
    """For formats of vendors, whose keys are random: it says example, or repeats itself."""
    small = value.lower()
    runs = (b"example", b"xxxx", b"0123456789", b"1234567890", b"abcdefghij", b"your", b"****", b"....")
    return any(run in small for run in runs) or len(set(small)) <= 5 < len(small)
