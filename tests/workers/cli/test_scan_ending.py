"""Whoever ends a scan gets rid of all of it: its tools, their children, and its folders."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from activities.supervisor import tree

AS_A_PERSON_STARTS_IT = """
import os, signal, sys
for one in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
    signal.signal(one, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])
"""
"""What started the tests may ignore signals, and all that it starts inherits that."""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)])
def test_a_scan_that_is_ended_leaves_no_process_and_no_folder(tmp_path, number, code):
    began, temporary = tmp_path / "began", tmp_path / "temporary"
    os.mkfifo(began)
    temporary.mkdir()
    tool = tmp_path / "tools" / "bandit" / "bin" / "python"
    tool.parent.mkdir(parents=True)
    tool.write_text(f"#!/bin/sh\ntrap '' TERM\nsleep 1000 &\nsetsid sleep 1000 &\nenv >{began}\nwait\n")
    tool.chmod(0o755)
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "a.py").write_text("x = 1\n")
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "TMPDIR": str(temporary),
        "SLUICEWAY_HOME": str(tmp_path / "engine"),
        "SLUICEWAY_TOOLS": str(tmp_path / "tools"),
    }
    program = str(Path(sys.executable).with_name("sluiceway"))
    command = [sys.executable, "-c", AS_A_PERSON_STARTS_IT, program, "scan", str(tmp_path / "code"), "-t", "bandit"]
    scan = subprocess.Popen(command, env=env)

    told = dict(line.partition("=")[::2] for line in began.read_text().splitlines())
    assert tree.members(told[tree.MARKER])
    scan.send_signal(number)

    assert scan.wait(60) == code
    assert tree.members(told[tree.MARKER]) == []
    assert list(temporary.iterdir()) == []
