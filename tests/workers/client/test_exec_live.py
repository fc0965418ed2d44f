"""Nobody stays in a container unseen: a session ends with its recording."""

from __future__ import annotations

from pathlib import Path

import pytest

from activities.pods.recording import Recording
from activities.pods.terminals import MemoryTerminal
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
