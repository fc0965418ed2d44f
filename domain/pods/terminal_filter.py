"""Output of a container without the sequences that reach beyond the text of a terminal (ECMA-48; xterm's ctlseqs).

Strings of control (OSC, DCS, SOS, PM, APC) set the title, fill the clipboard (OSC 52), make links (OSC 8), and let a
terminal answer with what a stranger has put into it, as if the person had typed that. So do reports of the window and
of devices. All of them are left out; colours, cursor and screens stay.
"""

from __future__ import annotations

import re
from enum import Enum

ESC, BEL, ST = 0x1B, 0x07, 0x5C
_STRINGS = frozenset(b"]PX^_")
"""After ESC: OSC, DCS, SOS, PM, APC."""
_CANCEL = frozenset((0x18, 0x1A))
_ASKS = frozenset(b"tcnqy")
"""Ends of CSI sequences that ask for a report, or move the window: XTWINOPS, DA, DSR, XTVERSION, DECTST. DECRQM ends
with `$ p`."""
_LONGEST = 128
"""Bytes of a CSI sequence; a longer one is none."""
_SPECIAL = re.compile(rb"[\x05\x1b\xc2]")
"""Where text may end; most output has few of these."""
_C1 = {0x9D, 0x90, 0x98, 0x9E, 0x9F}
"""The same strings as one character of C1, which is two bytes of UTF-8: C2 and one of these."""


class _At(Enum):
    TEXT = 0
    ESCAPED = 1
    CSI = 2
    STRING = 3
    STRING_ESCAPED = 4
    LEAD = 5


class TerminalFilter:
    """Of one stream of bytes: a sequence may come in parts. It keeps at most `_LONGEST` bytes."""

    def __init__(self) -> None:
        self._at, self._kept = _At.TEXT, bytearray()

    def pass_on(self, data: bytes) -> bytes:
        """What of the data a terminal gets."""
        out, at = bytearray(), 0
        while at < len(data):
            if self._at is _At.TEXT:
                found = _SPECIAL.search(data, at)
                end = found.start() if found else len(data)
                out += data[at:end]
                at = end
            if at < len(data):
                self._step(data[at], out)
                at += 1
        return bytes(out)

    def _step(self, byte: int, out: bytearray) -> None:
        match self._at:
            case _At.TEXT:
                self._text(byte, out)
            case _At.LEAD:
                self._lead(byte, out)
            case _At.ESCAPED:
                self._escaped(byte, out)
            case _At.CSI:
                self._csi(byte, out)
            case _At.STRING:
                self._string(byte)
            case _At.STRING_ESCAPED:
                self._at = _At.TEXT if byte == ST else _At.STRING
                if byte != ST:
                    self._string(byte)

    def _text(self, byte: int, out: bytearray) -> None:
        if byte == ESC:
            self._at = _At.ESCAPED
        elif byte == 0xC2:
            self._at = _At.LEAD
        elif byte != 0x05:  # ENQ: answered with the answerback string
            out.append(byte)

    def _lead(self, byte: int, out: bytearray) -> None:
        """The second byte of a character between 0080 and 00BF."""
        self._at = _At.TEXT
        if byte in _C1:
            self._at = _At.STRING
        elif byte == 0x9B:
            self._at, self._kept = _At.CSI, bytearray(b"\x1b[")
        elif 0xA0 <= byte <= 0xBF:
            out += bytes((0xC2, byte))
        elif not 0x80 <= byte <= 0x9F:  # no character: the byte stands for itself
            out.append(0xC2)
            self._text(byte, out)

    def _escaped(self, byte: int, out: bytearray) -> None:
        if byte in _STRINGS:
            self._at = _At.STRING
        elif byte == ord("["):
            self._at, self._kept = _At.CSI, bytearray(b"\x1b[")
        elif byte == ESC:
            self._at = _At.ESCAPED
        else:
            self._at = _At.TEXT
            if byte not in b"Z" and byte not in _CANCEL:  # DECID asks for a report
                out += bytes((ESC, byte))

    def _csi(self, byte: int, out: bytearray) -> None:
        if 0x20 <= byte <= 0x3F and len(self._kept) < _LONGEST:
            self._kept.append(byte)
            return
        self._at = _At.TEXT
        if 0x40 <= byte <= 0x7E:
            asks = (byte in _ASKS and not self._is_style(byte)) or (byte == ord("p") and self._kept.endswith(b"$"))
            out += b"" if asks else bytes(self._kept) + bytes((byte,))
        elif byte == ESC:
            self._at = _At.ESCAPED
        elif byte not in _CANCEL:
            self._text(byte, out)

    def _is_style(self, byte: int) -> bool:
        """`CSI Ps SP q` sets the cursor's shape (DECSCUSR)."""
        return byte == ord("q") and self._kept.endswith(b" ")

    def _string(self, byte: int) -> None:
        """Until BEL, ST, or a cancel; its bytes go nowhere."""
        if byte == BEL or byte in _CANCEL or byte == 0x9C:
            self._at = _At.TEXT
        elif byte == ESC:
            self._at = _At.STRING_ESCAPED
