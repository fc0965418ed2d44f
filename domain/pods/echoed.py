"""What a person types, as far as the terminal shows it: a password is not echoed, and so not recorded."""

from __future__ import annotations

import re

MOST = 4_096
"""Characters that wait for their echo."""
_STYLE = re.compile(r"\x1b\[[0-9;?]{0,16}[A-Za-z]")


class EchoedInput:
    """Input counts as shown when the output repeats exactly what was typed, from its beginning.

    Anything else drops what waits: where programs write in between, some input is missing in the recording, and the
    output has it all the same. The other way round a password would stand in it.
    """

    def __init__(self) -> None:
        self._waiting = ""

    def typed(self, text: str) -> None:
        """Waits for its echo."""
        self._waiting = (self._waiting + text)[:MOST]

    def shown(self, output: str) -> str:
        """What of the input this output is the echo of; empty: nothing."""
        plain, waiting = _STYLE.sub("", output), self._waiting
        if not waiting or not plain:
            return ""
        if "\r" in waiting:
            return self._line(plain, waiting)
        echoed = waiting.startswith(plain)
        self._waiting = waiting[len(plain) :] if echoed else ""
        return plain if echoed else ""

    def _line(self, plain: str, waiting: str) -> str:
        """Up to the end of a line, which is echoed as a line break whether the line was or not."""
        line, _, rest = waiting.partition("\r")
        shown, broken, _ = plain.partition("\r\n")
        if not broken:
            echoed = line.startswith(plain)
            self._waiting = waiting[len(plain) :] if echoed else f"\r{rest}"
            return plain if echoed else ""
        self._waiting = rest
        return f"{line}\r" if shown == line else "\r"
