"""The log of a job: an object of JSON per line of output, or per part of a line that is too long for one.

`n`: number of the line, from 1 without gaps; `t`: seconds since the epoch; `s`: step; `o`: out, err, step or engine;
`l`: text; `c`: 1 where the line goes on in the next object with its number. Other lines may stand between.
"""

from __future__ import annotations

import os
import time

from activities.supervisor import fast_json as quick

TYPE_CHECKING = False  # as in typing, without importing it: a supervisor starts once per job
if TYPE_CHECKING:
    from domain.core.masking import Masker

PART_BYTES = 16_384
"""A longer line is written in parts of at most this size, so that neither its writer nor its reader holds all of it."""


GOES_ON, END = ', "c": 1}\n', "}\n"


def shared(step: int, stream: str) -> str:
    """What the lines of one write have in common, up to their text. As JSON, and fast: a step may write millions."""
    return f'"t": {round(time.time(), 3)}, "s": {step}, "o": "{stream}", "l": '


class Log:
    """Numbered, timestamped, masked lines. Each is written at once and in full, so readers never see half an object.

    `limit_bytes` counts what the steps write, not what becomes of it here.
    """

    def __init__(self, path: str, secrets: list[str], limit_bytes: int) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._secrets, self._number = secrets, 0
        self.limit, self.wrote = limit_bytes, 0
        self._masker: Masker | None = None

    @property
    def full(self) -> bool:
        return self.wrote > self.limit

    def exceeded(self) -> str:
        """Both numbers, for people."""
        return f"the steps wrote {self.wrote:,} bytes, the limit is {self.limit:,}"

    def accepted(self, data: bytes) -> bytes:
        """What the limit leaves of a step's output."""
        room = max(self.limit - self.wrote, 0)
        self.wrote += len(data)
        return data[:room]

    def line(self, step: int, stream: str, text: str) -> None:
        """A line of the engine: written even when the limit is reached."""
        self.write([self.entry(self.next_number(), shared(step, stream), text)])

    def next_number(self) -> int:
        self._number += 1
        return self._number

    @staticmethod
    def entry(number: int, common: str, text: str, goes_on: bool = False) -> str:
        return f'{{"n": {number}, {common}{quick.quoted(text)}{GOES_ON if goes_on else END}'

    def write(self, entries: list[str]) -> None:
        data = "".join(entries).encode("utf-8", "replace")
        while data:
            data = data[os.write(self._file, data) :]

    def masked(self, text: str) -> str:
        """What others say, in a line of the engine."""
        masker = self.masker()
        return text if isinstance(masker, Unmasked) else masker.text(text)

    def masker(self) -> Masker | Unmasked:
        """For one stream."""
        if not self._secrets:
            return Unmasked()
        if self._masker is None:
            from domain.core.masking import Masker  # imported lazily: a job without secrets starts sooner

            self._masker = Masker(self._secrets)
        return self._masker.for_another_stream()


class Unmasked:
    """For jobs without secrets."""

    def feed(self, chunk: bytes) -> bytes:
        return chunk

    def flush(self) -> bytes:
        return b""


class Stream:
    """One pipe of a step: bytes to masked lines."""

    def __init__(self, log: Log, step: int, name: str) -> None:
        self._log, self._step, self._name = log, step, name
        self._masker = log.masker()
        self._rest, self._number, self._is_cut = b"", 0, False

    def feed(self, data: bytes) -> None:
        kept = self._log.accepted(data)
        self._is_cut = self._is_cut or len(kept) < len(data)
        if kept:
            self._lines(self._masker.feed(kept))

    def _lines(self, data: bytes) -> None:
        *whole, self._rest = (self._rest + data).split(b"\n")
        common, entries = shared(self._step, self._name), list[str]()
        for line in whole:
            entries += self._parts(line, common)
        while len(self._rest) > PART_BYTES:
            part, self._rest = _divided(self._rest)
            entries.append(self._entry(part, common, goes_on=True))
        self._log.write(entries)

    def _parts(self, line: bytes, common: str) -> list[str]:
        """All that is left of a line."""
        entries = []
        while len(line) > PART_BYTES:
            part, line = _divided(line)
            entries.append(self._entry(part, common, goes_on=True))
        return [*entries, self._entry(line.rstrip(b"\r"), common, goes_on=False)]

    def _entry(self, part: bytes, common: str, *, goes_on: bool) -> str:
        number = self._number or self._log.next_number()
        self._number = number if goes_on else 0
        return self._log.entry(number, common, part.decode("utf-8", "replace"), goes_on)

    def close(self) -> None:
        if not self._is_cut:  # else it may hold half a secret
            self._lines(self._masker.flush())
        if self._rest or self._number:
            self._log.write(self._parts(self._rest, shared(self._step, self._name)))
            self._rest = b""


def _divided(line: bytes) -> tuple[bytes, bytes]:
    """The next part and the rest, between two characters."""
    at = PART_BYTES
    while at > PART_BYTES - 4 and line[at] & 0xC0 == 0x80:
        at -= 1
    return line[:at], line[at:]
