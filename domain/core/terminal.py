"""Text of strangers on a terminal: names, commits, logs and messages of tools, without power over what shows them.

A terminal acts on control characters: it moves the cursor, changes its title, fills the clipboard, and some answer
as if somebody had typed. Characters for the direction of text, or with no width, make a line read as something that
it is not. Both are shown as what they are: `\\x1b`, `\\u202e`.
"""

from __future__ import annotations

import json
import re

_INVISIBLE = (
    "\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    "\ufff9-\ufffb\U000e0000-\U000e0fff\ud800-\udfff"
)
"""Of no width or another direction, beyond control characters; not those that join letters and signs (200C, 200D)."""
_ODD = re.compile(rf"[\x00-\x08\x0a-\x1f\x7f-\x9f{_INVISIBLE}]")
_ODD_IN_LINES = re.compile(rf"[\x00-\x08\x0b-\x1f\x7f-\x9f{_INVISIBLE}]")
_COLOUR = re.compile(r"(\x1b\[[0-9;:]{0,48}m)")
"""Select Graphic Rendition, and nothing that merely ends like it: `ESC [ > 4 ; 2 m` changes what keys send."""
RESET = "\x1b[0m"
_NAMED = {"\n": "\\n", "\r": "\\r"}


def one_line(text: str) -> str:
    """The text in one line: what a terminal would act on is shown as `\\x1b`; a break as `\\n`. Tabs stay."""
    return _ODD.sub(_shown, text)


def lines(text: str) -> str:
    """As `one_line`, but line breaks stay."""
    return _ODD_IN_LINES.sub(_shown, text.replace("\r\n", "\n"))


def error_lines(text: str, indent: str = "    ") -> str:
    """As `lines`, where each line after the first is indented: none of them can pass for a line of ours."""
    return lines(text.strip("\n")).replace("\n", f"\n{indent}")


def log_line(text: str, *, colours: bool) -> str:
    """A line of a job's log. With `colours`, its colours stay, and end with it; without, they are dropped."""
    parts = _COLOUR.split(text.rstrip("\r\n"))
    kept = [(part if colours else "") if number % 2 else one_line(part) for number, part in enumerate(parts)]
    return "".join(kept) + (RESET if colours and len(parts) > 1 else "")


def json_line(text: str) -> str:
    """A JSON document of one line that says the same, in characters that have no power over a terminal."""
    return _ODD.sub(lambda found: json.dumps(found[0])[1:-1], text)


def _shown(found: re.Match[str]) -> str:
    letter = found[0]
    code = ord(letter)
    if code < 0x100:
        return _NAMED.get(letter) or f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
