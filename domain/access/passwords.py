"""Which passwords are none (OWASP ASVS 5.0, 6.2; NIST SP 800-63B, 3.1.1): length counts, mixtures of signs do not."""

from __future__ import annotations

LEAST, MOST = 12, 128
"""Characters."""
_COMMON = ("password", "passwort", "qwerty", "letmein", "iloveyou", "welcome", "administrator", "sluiceway", "changeme")
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm")


def complaint(password: str, person: str) -> str:
    """Why a password is not taken; empty: it is."""
    if len(password) < LEAST:
        return f"it has fewer than {LEAST} characters"
    if len(password) > MOST:
        return f"it has more than {MOST} characters"
    plain = password.casefold()
    for known in (
        *_COMMON,
        *(part for part in (person.casefold(), person.partition("@")[0].casefold()) if len(part) > 3),
    ):
        plain = plain.replace(known, "")
    for row in _ROWS:
        plain = _without_runs(plain, row)
    return "it is made of what everybody guesses first" if len(set(plain)) < 6 else ""


def _without_runs(text: str, row: str) -> str:
    """Without four or more neighbours of a row, in either direction."""
    for line in (row, row[::-1]):
        for size in range(len(line), 3, -1):
            for at in range(len(line) - size + 1):
                text = text.replace(line[at : at + size], "")
    return text
