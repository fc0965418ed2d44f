"""How a scanner is run: with limits, without a network, and nothing of it is left."""

import asyncio
import sys

import pytest

from activities.core import process
from activities.supervisor import tree
from tests.support.lab import until

ENV = {"PATH": "/usr/local/bin:/usr/bin:/bin"}


async def run(tmp_path, script: str, key: str, **limits):
    given = {"timeout_s": 30, **limits}
    return await process.run([sys.executable, "-c", script], cwd=tmp_path, env=ENV, key=key, **given)


async def test_a_tool_that_takes_too_long_is_stopped_with_all_that_it_started(tmp_path):
    script = "import subprocess; subprocess.Popen(['sleep', '60'], start_new_session=True).wait()"
    done = await run(tmp_path, script, "slow-tool", timeout_s=0.5)

    assert done.stopped == "not finished after 0.5 s"
    assert tree.members("slow-tool") == []


async def test_a_tool_that_takes_too_much_memory_is_stopped(tmp_path):
    done = await run(tmp_path, "x = b'1' * 300_000_000; import time; time.sleep(60)", "big-tool", memory_mb=200)

    assert "200 MB" in done.stopped
    assert tree.members("big-tool") == []


@pytest.mark.skipif(not process.alone(), reason="this machine allows no network namespace")
async def test_a_tool_reaches_no_network(tmp_path):
    script = "import socket; socket.create_connection(('127.0.0.1', 1), 2)"
    done = await run(tmp_path, script, "net-tool")

    assert b"unreachable" in done.output.lower()


async def test_output_without_an_end_is_cut(tmp_path, monkeypatch):
    monkeypatch.setattr(process, "MAX_OUTPUT_BYTES", 1_000)
    done = await run(tmp_path, "print('x' * 5_000_000)", "loud-tool")

    assert len(done.output) == 1_000
    assert done.exit_code == 0


async def test_a_program_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(OSError, match="no-such-tool"):
        await process.run(["no-such-tool"], cwd=tmp_path, env=ENV, timeout_s=1, key="none")


async def test_a_tool_that_is_cancelled_while_it_starts_leaves_nothing(tmp_path, monkeypatch):
    """Its child holds the output meanwhile: a start that is cancelled itself would wait for it."""
    loop = asyncio.get_running_loop()
    runs, cancelled, connect = asyncio.Event(), asyncio.Event(), loop.connect_read_pipe

    async def slowly(*given):
        await until((tmp_path / "begun").exists)
        runs.set()
        await cancelled.wait()
        return await connect(*given)

    monkeypatch.setattr(loop, "connect_read_pipe", slowly)
    script = "import subprocess; subprocess.Popen(['sleep', '60'], start_new_session=True); open('begun', 'w'); import time; time.sleep(60)"
    running = asyncio.create_task(run(tmp_path, script, "early-tool"))
    await runs.wait()
    running.cancel()
    loop.call_soon(loop.call_soon, cancelled.set)

    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(120):
            await asyncio.shield(running)
    assert tree.members("early-tool") == []
