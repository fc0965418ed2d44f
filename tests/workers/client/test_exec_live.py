"""Nobody stays in a container unseen: a session ends with its recording."""

from __future__ import annotations

from pathlib import Path

import pytest

from activities.pods.recording import Recording
from activities.pods.terminals import MemoryTerminal
from domain.pods.exec_session import INPUT_BYTES_S, MESSAGE_BYTES
from workers.client.on_engine.terminals.exec_live import ExecLive


@pytest.mark.parametrize("by", ["output", "sizes"])
async def test_whoever_fills_the_recording_is_not_in_the_container_any_more(by: str, tmp_path: Path) -> None:
    terminal = MemoryTerminal()
    with Recording(tmp_path / "a.cast", ["sh"], "x", most=1_000) as recording:
        live = ExecLive("s", terminal, recording)
        for number in range(60):
            if by == "sizes":
                await live.resize(number + 1, 40)
            else:
                terminal.said.put_nowait((1, b"y" * 100))
                await live.read()
        assert recording.cut
        assert live.ended is not None
        assert live.ended.why == "its recording is full"
        await live.write(b"unseen")
    assert not terminal.typed


async def test_sizes_are_paced_as_input_is_and_the_same_size_again_is_none(tmp_path: Path) -> None:
    terminal = MemoryTerminal()
    with Recording(tmp_path / "a.cast", ["sh"], "x") as recording:
        live = ExecLive("s", terminal, recording, clock=lambda: 100.0)
        for _ in range(50):
            await live.resize(90, 30)
        await live.write(b"")
        assert terminal.sizes == [(90, 30)]
        assert live._in.free_at == pytest.approx(99.0 + 51 * MESSAGE_BYTES / INPUT_BYTES_S)
    assert (tmp_path / "a.cast").read_text().count("90x30") == 1
