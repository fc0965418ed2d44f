"""What a step writes is in its job's log: whole, in order, and up to a limit of the step's own bytes."""

import json
from pathlib import Path

import pytest

from activities.jobs.logs import Follower, Line, append, parse
from activities.storage.stores.folder import FolderStore
from activities.supervisor.log import PART_BYTES, Log, Stream


def written(
    tmp_path: Path, *chunks: bytes, limit: int = 10**9, secrets: tuple[str, ...] = ()
) -> tuple[Log, list[Line]]:
    path = tmp_path / "log.jsonl"
    log = Log(str(path), [*secrets], limit)
    stream = Stream(log, 1, "out")
    for chunk in chunks:
        stream.feed(chunk)
    stream.close()
    return log, list(parse(path.read_bytes()))


LONG = [
    "A" * 39_990 + "END-OF-40K",
    "é" * 12_000 + "FIN",
    "€" * 70_000,
    "x" * 200_000 + "TAIL",
    "y" * PART_BYTES,
    "y" * 2 * PART_BYTES,
    "z" * (PART_BYTES + 1),
]


@pytest.mark.parametrize("size", [1_000, 16_384, 65_536, 10**6])
@pytest.mark.parametrize("secrets", [(), ("not-in-there",)])
def test_a_line_of_any_length_arrives_whole_however_it_is_read(tmp_path, size, secrets):
    data = ("\n".join(["first", *LONG, "after-long", ""]) + "no newline at end").encode()
    _, lines = written(tmp_path, *(data[at : at + size] for at in range(0, len(data), size)), secrets=secrets)

    assert [line.text for line in lines] == ["first", *LONG, "after-long", "no newline at end"]
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
    sizes = [len(json.loads(raw)["l"].encode()) for raw in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert max(sizes) <= PART_BYTES


def test_a_long_line_is_joined_although_others_are_written_meanwhile(tmp_path):
    log = Log(str(tmp_path / "log.jsonl"), [], 10**9)
    out, err = Stream(log, 1, "out"), Stream(log, 1, "err")
    for part in (b"a" * 20_000, b"b" * 20_000, b"c\n"):
        out.feed(part)
        err.feed(b"told\n")
    follower = Follower(tmp_path, FolderStore(tmp_path / "s"))

    said = [(line.stream, line.text) for line in follower.new_lines()]
    assert said == [("err", "told")] * 2 + [("out", "a" * 20_000 + "b" * 20_000 + "c"), ("err", "told")]


def test_a_line_whose_end_was_lost_is_shown_when_the_job_has_ended(tmp_path):
    store, path = FolderStore(tmp_path / "s"), tmp_path / "log.jsonl"
    log = Log(str(path), [], 10**9)
    Stream(log, 1, "out").feed(b"a" * 20_000)
    append(path, ["the supervisor was lost"])
    follower = Follower(tmp_path, store)

    assert [line.number for line in follower.new_lines()] == [2]
    assert [line.text for line in follower.new_lines(store.put_file(path))] == ["a" * PART_BYTES]


def test_bytes_that_are_no_text_and_control_characters_stay_in_their_line(tmp_path):
    data = (
        b"bad \xff\xfe utf8\nnul \0 here\ncrlf line\r\nu+2028 \xe2\x80\xa8 same line\n\rprogress\rdone\nvt\x0bff\x0c\n"
    )
    _, lines = written(tmp_path, data)

    texts = [
        "bad \ufffd\ufffd utf8",
        "nul \0 here",
        "crlf line",
        "u+2028 \u2028 same line",
        "\rprogress\rdone",
        "vt\vff\f",
    ]
    assert [line.text for line in lines] == texts


def test_the_limit_counts_the_bytes_of_the_step_and_says_both_numbers(tmp_path):
    log, lines = written(tmp_path, b"x\n" * 500, limit=1_000)
    assert (len(lines), log.full) == (500, False)

    (tmp_path / "log.jsonl").unlink()
    log, lines = written(tmp_path, b'"\n' * 600, limit=1_000)
    assert (len(lines), log.full) == (500, True)
    assert log.exceeded() == "the steps wrote 1,200 bytes, the limit is 1,000"


def test_all_that_the_limit_leaves_is_kept_and_half_a_secret_is_not(tmp_path):
    _, lines = written(tmp_path, b"first\nsecond li", b"ne\n", limit=12)
    assert [line.text for line in lines] == ["first", "second"]


def test_a_secret_that_the_limit_divides_is_not_told_in_part(tmp_path):
    _, lines = written(tmp_path, b"first\n", b"it is s3cr3t-of-the-test\n", limit=20, secrets=("s3cr3t-of-the-test",))
    assert [line.text for line in lines] == ["first"]


def test_what_others_say_is_masked_in_lines_of_the_engine(tmp_path):
    log = Log(str(tmp_path / "log.jsonl"), ["s3cr3t/of"], 10)

    assert log.masked("PUT https://x/s3cr3t%2Fof: refused") == "PUT https://x/***: refused"
