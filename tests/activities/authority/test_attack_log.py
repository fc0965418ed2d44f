"""The signer's log in parts: nobody takes a line or a part out, changes one, or puts them in another order."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from activities.authority import log_parts
from activities.authority.log import FileLog
from domain.authority.chain import hash_of
from domain.core.errors import SluicewayError
from tests.support.signers import JOBS, Signing, execution

PART = 2_000


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Of four parts or more."""
    path = tmp_path / "log.jsonl"
    signing = Signing(FileLog(path, part_bytes=PART))
    signing.begun()
    while len(log_parts.full(path)) < 3:
        signing.client.permit(execution(JOBS[0]))
    return path


def numbers(log: Path) -> list[int]:
    return [entry.number for entry, _ in log_parts.entries(log)]


def test_the_chain_goes_on_from_part_to_part_and_over_a_restart(log):
    assert numbers(log) == list(range(1, len(numbers(log)) + 1))
    assert all(part.stat().st_mode & 0o777 == 0o600 for part in log_parts.every(log))
    again = Signing(FileLog(log, part_bytes=PART))
    again.begun()

    assert numbers(log) == list(range(1, len(numbers(log)) + 1))
    assert not log_parts.is_new(log)


def cut(parts: list[Path]) -> None:
    parts[1].write_bytes(b"".join(parts[1].read_bytes().splitlines(keepends=True)[:-1]))


def torn(parts: list[Path]) -> None:
    parts[1].write_bytes(parts[1].read_bytes()[:-5])


def changed(parts: list[Path]) -> None:
    parts[1].write_bytes(parts[1].read_bytes().replace(b'"basis":"plan"', b'"basis":"plon"', 1))


def missing(parts: list[Path]) -> None:
    parts[1].unlink()


def first_missing(parts: list[Path]) -> None:
    parts[0].unlink()


def swapped(parts: list[Path]) -> None:
    one, other = parts[0].read_bytes(), parts[1].read_bytes()
    parts[0].write_bytes(other)
    parts[1].write_bytes(one)


def twice(parts: list[Path]) -> None:
    shutil.copy(parts[1], parts[1].with_name("log-000009.jsonl"))


@pytest.mark.parametrize("harm", [cut, torn, changed, missing, first_missing, swapped, twice], ids=lambda h: h.__name__)
def test_a_part_that_was_harmed_stops_the_signer(log: Path, harm: Callable[[list[Path]], None]):
    harm(log_parts.every(log))

    with pytest.raises(SluicewayError) as broken:
        Signing(FileLog(log))
    assert broken.value.code == "SLW018"


def test_a_log_whose_last_part_is_away_goes_on_after_the_part_before(log):
    """Only the hash that somebody has kept shows this."""
    kept = [hash_of(line) for _, line in log_parts.entries(log)][-1]
    log.unlink()
    Signing(FileLog(log))

    assert kept not in [hash_of(line) for _, line in log_parts.entries(log)]
    assert numbers(log) == list(range(1, len(numbers(log)) + 1))


def test_answers_that_wait_for_the_disk_are_not_lost_where_a_part_ends(log):
    opened = FileLog(log, part_bytes=1)
    list(opened.entries())
    first = opened.append("end", {"run": "run/a/1"}).number
    second = opened.append("end", {"run": "run/a/2"}).number
    opened.settle(first)
    opened.settle(second)

    assert numbers(log)[-2:] == [first, second]
