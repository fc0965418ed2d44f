"""Text in XML 1.0, which has no place for control characters, not even escaped (section 2.2 of its specification)."""

from __future__ import annotations

import re

_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def allowed(text: str, instead: str = "") -> str:
    """The text with something else for characters that may not be in XML, such as those of a terminal's colours."""
    return _FORBIDDEN.sub(instead, text)
