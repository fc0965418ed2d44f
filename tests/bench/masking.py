"""What masking costs a log: megabytes per second of CPU time with one secret and with a key of 27 lines, and a line."""

from __future__ import annotations

import json
import random
import string
import time
from collections.abc import Iterator
from typing import Protocol

from domain.core.masking import Masker

SIZE, CHUNK = 2_000_000, 65_536
SECRETS = ("token", "key")
LOGS = ("plain", "json")
NAMES = [*(f"masking_{log}_{secret}" for log in LOGS for secret in SECRETS), "masking_line"]


class Row(Protocol):
    def __call__(self, name: str, value: float, unit: str, baseline: float | None, goal: str, ok: bool) -> None: ...


def masked(row: Row) -> None:
    """The rows of NAMES; the best of three, since others run on the machine, too."""
    dice = random.Random(18)
    token = _letters(dice, 40)
    secrets = {"token": token, "key": "\n".join(["-----BEGIN X-----", *(_letters(dice, 64) for _ in range(26))])}
    logs = {"plain": _plain(dice), "json": _json(dice)}
    for log, lines in logs.items():
        data = "".join(line for _, line in zip(range(SIZE // 100), lines, strict=False)).encode()
        for secret, value in secrets.items():
            chunks = [data[at : at + CHUNK] for at in range(0, len(data), CHUNK)]
            speed = len(data) / 1e6 / min(_seconds(value, chunks) for _ in range(3))
            row(f"masking_{log}_{secret}", speed, "MB/s", None, "at least 5", speed >= 5)
    alone = [next(logs["plain"]).encode() for _ in range(5_000)]
    cost = 1e6 * min(_seconds(token, alone) for _ in range(3)) / len(alone)
    row("masking_line", cost, "us", None, "at most 50", cost <= 50)


def _seconds(secret: str, chunks: list[bytes]) -> float:
    masker = Masker([secret])
    begun = time.process_time()
    for chunk in chunks:
        masker.feed(chunk)
    masker.flush()
    return time.process_time() - begun


def _letters(dice: random.Random, count: int) -> str:
    return "".join(dice.choices(string.ascii_letters + string.digits, k=count))


def _words(dice: random.Random) -> str:
    return " ".join(_letters(dice, dice.randint(2, 10)).lower() for _ in range(12))


def _plain(dice: random.Random) -> Iterator[str]:
    while True:
        yield f"2026-11-28T12:50:00.{dice.randint(0, 999):03d}Z INFO {_words(dice)}\n"


def _json(dice: random.Random) -> Iterator[str]:
    while True:
        said = {"msg": f'"{_words(dice)}"\n', "path": f"/a/b%20{dice.random()}", "digest": dice.randbytes(20).hex()}
        yield json.dumps(said) + "\n"
