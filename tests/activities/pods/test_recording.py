"""A recording is what was shown, of the input what was echoed, and bounded."""

from __future__ import annotations

import json
from pathlib import Path

from activities.pods.recording import Recording


def test_it_has_outputs_sizes_and_what_of_the_input_was_shown(tmp_path: Path) -> None:
    with Recording(tmp_path / "a.cast", ["sh"], "edge/default/web/main", size=(90, 30)) as recording:
        recording.input(b"l")
        recording.output(1, b"l")
        recording.resize(91, 31)
        for letter in b"secret\r":
            recording.input(bytes((letter,)))
        recording.output(1, b"\r\n")
        recording.output(1, "하".encode()[:2])
        recording.output(1, "하".encode()[2:])
        recording.output(2, b"\xff")
    head, *lines = [json.loads(line) for line in recording.path.read_text().splitlines()]
    assert (head["version"], head["width"], head["height"], head["title"]) == (2, 90, 30, "edge/default/web/main")
    told = [(kind, text) for _, kind, text in lines]
    assert told[:3] == [("i", "l"), ("o", "l"), ("r", "91x31")]
    assert told[3:] == [("i", "\r"), ("o", "\r\n"), ("o", "하"), ("o", "\N{REPLACEMENT CHARACTER}")]


def test_it_ends_at_its_bound_and_says_so(tmp_path: Path) -> None:
    with Recording(tmp_path / "a.cast", ["yes"], "x", most=1_000) as recording:
        for _ in range(1_000):
            recording.output(1, b"y" * 100)
    assert recording.cut
    assert recording.path.stat().st_size < 1_200
    assert recording.path.stat().st_mode & 0o777 == 0o600
    assert json.loads(recording.path.read_text().splitlines()[-1])[2] == "the recording ends here"
