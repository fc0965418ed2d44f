"""Any part of a log is found as if all of it had been read, however its lines are written."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from activities.jobs import log_index
from activities.jobs.log_pages import LogPages
from activities.jobs.logs import parse

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def _entry(number: int, text: str, goes_on: bool = False) -> bytes:
    told = f'{{"n": {number}, "t": 1.5, "s": 1, "o": "out", "l": {json.dumps(text, ensure_ascii=False)}'
    return (told + (', "c": 1}\n' if goes_on else "}\n")).encode()


@st.composite
def logs(draw) -> bytes:
    """Lines in order of their beginning; the parts of some are spread over what follows."""
    written: list[bytes] = []
    waiting: list[bytes] = []
    for number in range(1, draw(st.integers(0, 60)) + 1):
        text = draw(TEXTS | st.just('{"n": 9, "c": 1}'))
        parts = draw(st.integers(1, 3))
        begun = [_entry(number, f"{text}{part}", part < parts) for part in range(1, parts + 1)]
        written += [begun[0]]
        waiting += begun[1:]
        while waiting and draw(st.booleans()):
            written.append(waiting.pop(0))
    return b"".join([*written, *waiting])


@given(logs(), st.integers(1, 70), st.integers(1, 20), st.integers(0, 3_000), st.integers(40, 400))
def test_a_part_has_the_lines_of_its_numbers_also_of_a_log_that_grew(
    data: bytes, first: int, limit: int, begun: int, chunk: int
) -> None:
    whole = {line.number: line for line in parse(data)}
    before, log_index.CHUNK = log_index.CHUNK, chunk
    try:
        with TemporaryDirectory() as folder:
            path, pages = Path(folder) / "log.jsonl", LogPages()
            path.write_bytes(data[:begun])
            pages.lines(path, first, limit, ended=False)
            with path.open("ab") as file:
                file.write(data[begun:])
            found, tail = pages.lines(path, first, limit, ended=True), pages.last(path, limit, ended=True)
    finally:
        log_index.CHUNK = before
    assert found.total == max(whole, default=0)
    assert list(found.lines) == [whole[number] for number in sorted(whole) if first <= number < first + limit]
    assert list(tail.lines) == [whole[number] for number in sorted(whole)[-limit:]]
    assert tail.total == found.total


@given(logs(), st.integers(0, 3_000), st.integers(1, 9), st.booleans())
def test_whoever_follows_a_log_gets_every_line_once_and_whole(data: bytes, cut: int, limit: int, tail: bool) -> None:
    whole = {line.number: line for line in parse(data)}
    with TemporaryDirectory() as folder:
        path, pages = Path(folder) / "log.jsonl", LogPages()
        path.write_bytes(data[:cut])
        begun = pages.last(path, limit, ended=False) if tail else pages.lines(path, 1, limit, ended=False)
        seen = list(begun.lines)
        path.write_bytes(data)
        after = seen[-1].number + 1 if seen else 1
        while more := pages.lines(path, after, limit, ended=True).lines:
            seen += more
            after = seen[-1].number + 1
    numbers = sorted(whole)
    assert seen == [whole[number] for number in numbers[len(numbers) - len(seen) :]]
    assert tail or len(seen) == len(whole)


def _folded(text: str) -> bytes:
    return text.encode().lower()


@given(st.lists(TEXTS, max_size=30), TEXTS)
def test_a_search_finds_exactly_the_lines_that_hold_the_text_in_any_case(texts: list[str], text: str) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "log.jsonl"
        path.write_bytes(b"".join(_entry(number, one) for number, one in enumerate(texts, 1)))
        found = LogPages().holding(path, text, 1_000)
        some = LogPages().holding(path, text, 3)
    holding = [number for number, one in enumerate(texts, 1) if text and _folded(text) in _folded(one)]
    assert found == holding
    assert some == holding[:3]


def test_a_line_of_any_length_is_cut_in_a_part(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(b"".join(_entry(1, "x" * 16_000, goes_on=True) for _ in range(20)) + _entry(1, "end"))
    (line,) = LogPages().lines(path, 1, 10, ended=True).lines
    assert (len(line.text), line.text[-1]) == (16_385, "…")
