"""Every bound of the search in a file, in one place. What lies beyond one is said, and makes the scan INCOMPLETE."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Bound:
    """How far the search goes."""

    most: int
    words: str
    """What is said of a file that goes further, with the number as `{}`."""

    @property
    def reason(self) -> str:
        """What was not looked at, for people."""
        return self.words.format(f"{self.most:,}")


HITS = Bound(5_000, "it holds {} secrets; what comes after them was not looked at")
UNPACKED = Bound(16_000_000, "its compressed streams hold more than {} bytes")
STREAMS = Bound(5_000, "it holds more than {} compressed streams")
TRIED = Bound(50_000, "more than {} places in it begin like a compressed stream")
READ = Bound(8, "its compressed streams overlap: they were read {} times, and no further")
SILENT = Bound(65_536, "a compressed stream in it gives nothing in {} bytes")
CUT = Bound(16_000_000, "a compressed stream in it is longer than {} bytes")
INFLATED = Bound(4_000_000, "a compressed text in base64 in it holds more than {} bytes")
DEPTH = Bound(4, "a text in it is encoded more than {} times")
FORMS = Bound(12, "what its texts stand for is more than {} times its size")
FILE = Bound(2_000_000_000, "it has more than {} bytes")
NAMES = Bound(1_000, "more than {} files or members were not looked at; these are counted")
ALL = (HITS, UNPACKED, STREAMS, TRIED, READ, SILENT, CUT, INFLATED, DEPTH, FORMS, FILE, NAMES)


@dataclass
class Reached:
    """The bounds that a file went beyond."""

    bounds: list[Bound] = field(default_factory=list)

    def say(self, bound: Bound) -> None:
        """Each is said once."""
        if bound not in self.bounds:
            self.bounds.append(bound)

    def at(self, bound: Bound, size: int) -> None:
        """Says it if so much is as much as it allows."""
        if size >= bound.most:
            self.say(bound)

    @property
    def reason(self) -> str:
        """Why the file was not looked at as a whole; empty: it was."""
        return "; ".join(one.reason for one in self.bounds)
