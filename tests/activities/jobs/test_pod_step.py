"""What a step in a pod is wrapped in, run by the shell of this machine."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

from activities.jobs.executors.kubernetes import step
from activities.supervisor import shells

TRAPS = "trap 'sleep 0.1; echo cleaned-up; exit 3' TERM; echo \"it's $#\"; while true; do sleep 0.05; done\n"


def test_a_long_script_goes_by_a_file_of_the_pod_and_the_wrapper_outlives_the_sigterm_that_it_answers(tmp_path: Path):
    text = "# " + "x'y" * 70_000 + "\n" + TRAPS
    before = step._copied(text, f"{tmp_path}/tmp/{shells.file_name(text)}")
    script = step._script({"SLUICEWAY_WORKSPACE": str(tmp_path)}, "the-end-", before)
    command = ["/bin/sh", "-c", step.WRAPPER, "sh", str(len(script)), *shells.command("sh", text, f"{tmp_path}/tmp")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(script)
        process.stdin.flush()
        assert process.stdout.readline() == b"it's 0\n"
        os.killpg(process.pid, signal.SIGTERM)
        said = process.communicate(timeout=120)[0].decode().splitlines()

    assert said[-2:] == ["cleaned-up", "the-end-3"]


def test_a_step_that_is_asked_to_end_before_it_has_begun_does_not_begin(tmp_path: Path) -> None:
    script = step._script({"SLUICEWAY_WORKSPACE": str(tmp_path)}, "the-end-", "")
    command = ["/bin/sh", "-c", f"echo ready; {step.WRAPPER}", "sh", str(len(script)), "echo", "begun"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        assert process.stdout.readline() == b"ready\n"
        while not children.read_text():  # it reads, so it has its trap
            pass
        os.kill(process.pid, signal.SIGTERM)
        said = process.communicate(script, timeout=120)[0].decode().splitlines()

    assert said == ["the-end-143"]
