"""Definitions reference secrets and never contain them."""

from __future__ import annotations

import re

HINT = "write env:NAME or file:PATH; never put the value itself into a definition"
_FORM = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*\Z|file:.+\Z", re.S)


def is_secret_reference(text: str) -> bool:
    """Whether it is `env:NAME` or `file:PATH`."""
    return bool(_FORM.match(text))
