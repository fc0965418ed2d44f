"""A session in a container as a file that players of terminals understand: asciicast, version 2 (asciinema)."""

from __future__ import annotations

import codecs
import json
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

from domain.pods.echoed import EchoedInput

MAX_BYTES = 50_000_000
"""Of the file: where it ends the recording says so, and its session ends."""
COLUMNS, ROWS = 120, 40
"""Where no terminal is asked for: players need a size."""


class Recording:
    """What was shown, and of the input what was echoed, in order. The file is readable by its owner alone."""

    def __init__(
        self,
        path: Path,
        command: Sequence[str],
        title: str,
        clock: Callable[[], float] = time.time,
        most: int = MAX_BYTES,
        size: tuple[int, int] = (COLUMNS, ROWS),
    ) -> None:
        """`size`: columns and rows.

        Raises:
            OSError: the file is there already, or cannot be written.
        """
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path, self.cut = path, False
        self._clock, self._began, self._left = clock, clock(), most
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self._file = os.fdopen(handle, "w", encoding="utf-8", errors="surrogatepass")
        self._readers = {channel: codecs.getincrementaldecoder("utf-8")("replace") for channel in (0, 1, 2)}
        self._echoed = EchoedInput()
        head = {"version": 2, "width": size[0], "height": size[1], "timestamp": int(self._began), "title": title[:500]}
        self._line({**head, "command": " ".join(command)[:5_000]})

    def output(self, channel: int, data: bytes) -> None:
        """What the command wrote to its standard output (1) or error (2)."""
        text = self._readers[channel].decode(data)
        if echo := self._echoed.shown(text):
            self._event("i", echo)
        if text:
            self._event("o", text)

    def input(self, data: bytes) -> None:
        """What the person typed: recorded when it is echoed."""
        self._echoed.typed(self._readers[0].decode(data))

    def resize(self, columns: int, rows: int) -> None:
        """The terminal has another size from now on."""
        self._event("r", f"{columns}x{rows}")

    def __enter__(self) -> Recording:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def _event(self, kind: str, text: str) -> None:
        if not self.cut:
            self._line([round(self._clock() - self._began, 6), kind, text])

    def _line(self, value: object) -> None:
        line = json.dumps(value, ensure_ascii=False) + "\n"
        self._left -= len(line.encode("utf-8", "surrogatepass"))
        if self._left < 0:
            self.cut = True
            line = json.dumps([round(self._clock() - self._began, 6), "m", "the recording ends here"]) + "\n"
        self._file.write(line)
        self._file.flush()
