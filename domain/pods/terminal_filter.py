"""Output of a container without the sequences that reach beyond the text of a terminal (ECMA-48; xterm's ctlseqs).

Strings of control (OSC, DCS, SOS, PM, APC) set the title, fill the clipboard (OSC 52), make links (OSC 8), and let a
terminal answer with what a stranger has put into it, as if the person had typed that. So do reports of the window and
of devices. What passes is listed here: colours, cursor and screens; any other sequence is left out.
"""

from __future__ import annotations

import codecs
import re
from enum import Enum

_ESC, _BEL, _ENQ, _ST = "\x1b", "\x07", "\x05", "\x9c"
_CANCEL = frozenset("\x18\x1a")
_CSI, _STRINGS = frozenset("[\x9b"), frozenset("]PX^_\x9d\x90\x98\x9e\x9f")
"""After ESC, or as one character of C1. Strings: OSC, DCS, SOS, PM, APC."""
_ESCAPES = frozenset("78=>DEHMc()*+#")
"""After ESC: cursor, lines, keypad, reset; the last five begin the choice of a character set, or of a line's size."""
_SHOWN = re.compile(r"\x1b\[(?:[0-9:;]*[@-MPSTXZ`abd-hlmrsu]|\?[0-9;]*[JKhlrs]|[0-9]* q|!p)")
"""CSI sequences: cursor, erasing, scrolling, colours, modes; the cursor's shape (DECSCUSR), a soft reset (DECSTR)."""
_LONGEST = 128
"""Characters of a CSI sequence; a longer one is none."""
_SPECIAL = re.compile("[\x05\x1b\x80-\x9f]")
"""Where text may end; most output has few of these."""


class _At(Enum):
    TEXT = 0
    ESCAPED = 1
    CSI = 2
    STRING = 3
    STRING_ESCAPED = 4


class TerminalFilter:
    """Of one stream of UTF-8: a character or a sequence may come in parts. It keeps at most `_LONGEST` characters."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._at, self._kept = _At.TEXT, ""

    def pass_on(self, data: bytes) -> bytes:
        """What of the data a terminal gets."""
        text, out, at = self._decoder.decode(data), list[str](), 0
        while at < len(text):
            if self._at is _At.TEXT:
                found = _SPECIAL.search(text, at)
                end = found.start() if found else len(text)
                out.append(text[at:end])
                at = end
            if at < len(text):
                self._step(text[at], out)
                at += 1
        return "".join(out).encode()

    def _step(self, char: str, out: list[str]) -> None:
        match self._at:
            case _At.TEXT:
                self._text(char, out)
            case _At.ESCAPED:
                self._escaped(char, out)
            case _At.CSI:
                self._csi(char, out)
            case _At.STRING:
                self._string(char)
            case _At.STRING_ESCAPED:
                self._at = _At.TEXT if char == "\\" else _At.STRING
                if char != "\\":
                    self._string(char)

    def _text(self, char: str, out: list[str]) -> None:
        self._at = _At.TEXT
        if char == _ESC:
            self._at = _At.ESCAPED
        elif "\x80" <= char <= "\x9f":
            self._begin(char)
        elif char != _ENQ:  # answered with the answerback string
            out.append(char)

    def _begin(self, char: str) -> None:
        """A string or a CSI sequence, where this begins one."""
        if char in _STRINGS:
            self._at = _At.STRING
        elif char in _CSI:
            self._at, self._kept = _At.CSI, "\x1b["

    def _escaped(self, char: str, out: list[str]) -> None:
        """A control character within a sequence acts at once, and the sequence goes on: here it begins none."""
        if char in _ESCAPES:
            self._at = _At.TEXT
            out.append(_ESC + char)
        elif not " " <= char <= "~":
            self._text(char, out)
        elif char >= "0":
            self._at = _At.TEXT
            self._begin(char)

    def _csi(self, char: str, out: list[str]) -> None:
        if " " <= char <= "?" and len(self._kept) < _LONGEST:
            self._kept += char
            return
        self._at = _At.TEXT
        if not "@" <= char <= "~":
            self._text(char, out)
        elif _SHOWN.fullmatch(sequence := self._kept + char):
            out.append(sequence)

    def _string(self, char: str) -> None:
        """Until BEL, ST, or a cancel; its characters go nowhere."""
        if char in (_BEL, _ST) or char in _CANCEL:
            self._at = _At.TEXT
        elif char == _ESC:
            self._at = _At.STRING_ESCAPED
