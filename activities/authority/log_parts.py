"""The parts of the signer's log: full ones beside it, numbered in order; the chain goes from each into the next."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from domain.authority import chain
from domain.authority.chain import BrokenChainError, Entry
from domain.core.errors import SluicewayError

PART_BYTES = 64_000_000
"""A part that has as much is closed: a busy engine writes some hundred bytes a job."""


def full(log: Path) -> list[Path]:
    """Parts that nothing is added to any more, in order."""
    return sorted(log.parent.glob(f"{log.stem}-{'[0-9]' * 6}{log.suffix}"))


def every(log: Path) -> list[Path]:
    """All parts, in order."""
    return [*full(log), *([log] if log.exists() else [])]


def following(log: Path) -> Path:
    """The name of the next part that is closed."""
    last = full(log)[-1:]
    number = int(last[0].stem.rpartition("-")[2]) + 1 if last else 1
    return log.with_name(f"{log.stem}-{number:06}{log.suffix}")


def is_new(log: Path) -> bool:
    """Whether nothing was ever written."""
    return not any(one.stat().st_size for one in every(log))


def entries(log: Path) -> Iterator[tuple[Entry, bytes]]:
    """Entries with their lines, of all parts; an unfinished line at the very end is left out.

    Raises:
        SluicewayError: SLW018, a line or a part was changed, removed, added or moved; or one cannot be read.
    """
    line = b""

    def lines() -> Iterator[bytes]:
        nonlocal line
        for part in every(log):
            with part.open("rb") as file:
                for line in file:
                    if line.endswith(b"\n") or part != log:
                        yield line

    try:
        for entry in chain.entries(lines()):
            yield entry, line
    except BrokenChainError as broken:
        raise unusable(log, str(broken)) from broken
    except OSError as broken:
        raise unusable(log, str(broken)) from broken


def torn(log: Path) -> int:
    """The size of an unfinished line at the end."""
    with log.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        file.seek(max(0, size - 1_000_000))
        return len(chain.whole_lines(file.read())[1])


def unusable(path: Path, why: str, *, transient: bool = False) -> SluicewayError:
    """The error of a log that cannot be read or written."""
    return SluicewayError("SLW018", "the signer's log cannot be used", where=str(path), why=why, transient=transient)
