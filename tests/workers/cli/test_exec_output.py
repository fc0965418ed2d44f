"""A server that somebody has taken over has no power over the terminal of whoever opens a session through it."""

from __future__ import annotations

import pytest

from workers.cli.exec_terminal import shown

TITLE, CLIPBOARD, LINK = b"\x1b]0;root\x07", b"\x1b]52;c;ZXZpbA==\x07", b"\x1b]8;;http://evil\x1b\\"
REPORTS, C1 = b"\x1b[6n\x1b[c\x1b[21t\x05\x1bP$qm\x1b\\", "\x9d52;c;eA==\x9c\x9b6n".encode()


class Hostile:
    """A session whose server leaves nothing out."""

    ended = None

    def __init__(self, *parts: tuple[int, bytes]) -> None:
        self.parts = [*parts]

    async def read(self) -> tuple[int, bytes] | None:
        return self.parts.pop(0) if self.parts else None


async def test_a_terminal_gets_text_and_colours_and_no_sequence_that_reaches_beyond(
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    evil = TITLE + CLIPBOARD + LINK + REPORTS + C1
    split = (evil[:7], evil[7:])
    live = Hostile((1, b"\x1b[31mred\x1b[0m "), *((1, part) for part in split), (9, evil), (1, "끝".encode()))
    await shown(live, as_it_is=True)  # type: ignore[arg-type]
    assert capfdbinary.readouterr().out == "\x1b[31mred\x1b[0m 끝".encode()
