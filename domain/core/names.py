"""The one rule for every name that becomes an id, a path, a route, an image or a label.

Lower-case letters, digits and `-`, at most 63 characters, beginning and ending with a letter or digit: a label of
DNS (RFC 1123, 2.1), and what Kubernetes asks of most of its names.
"""

from __future__ import annotations

import re

MAX_NAME = 63
NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)


PERSON = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}", re.ASCII)
"""Of an identity: a login or an address, and still one part of a path, and no option of a program."""


def is_person(text: str) -> bool:
    """Whether a text can name an identity, as it stands."""
    return PERSON.fullmatch(text) is not None


def looks_like(one: str, other: str) -> bool:
    """Whether two names of identities read alike: case, and what stands between letters, do not tell people apart."""
    return re.sub(r"[._-]", "", one).casefold() == re.sub(r"[._-]", "", other).casefold()


def is_name(text: str) -> bool:
    """Whether a text can be a name, as it stands: nothing is trimmed or folded."""
    return NAME.fullmatch(text) is not None


def complaint(text: str) -> str:
    """Why a text cannot be a name; empty: it can."""
    if is_name(text):
        return ""
    if not text:
        return "a name is needed"
    if len(text) > MAX_NAME:
        return f"it has {len(text)} characters; a name has at most {MAX_NAME}"
    return "a name holds lower-case letters, digits and -, and begins and ends with a letter or digit"


def nearest(text: str) -> str:
    """A name that people recognize a text by; not one of its own: two texts may have the same."""
    plain = re.sub(r"[^a-z0-9]+", "-", text.casefold(), flags=re.ASCII).strip("-")[:MAX_NAME].rstrip("-")
    return plain or "unnamed"
