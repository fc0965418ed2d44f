"""Another process of the signer's user reads nothing of the signer's memory, and the keys in a token never leave it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from activities.supervisor import kernel

NOBODY = 65_534
HELD = """
import ctypes, sys
libc = ctypes.CDLL(None)
if sys.argv[1] == "private":
    assert libc.prctl(4, 0, 0, 0, 0) == 0
print("ready", flush=True)
sys.stdin.read()
"""
READS = "import sys; open(f'/proc/{sys.argv[1]}/environ', 'rb').read(); open(f'/proc/{sys.argv[1]}/mem', 'rb').close()"


def program(code: str, *arguments: str) -> subprocess.Popen[bytes]:
    """As an ordinary user, also where the tests run as root, which reads everything."""
    user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    command = ["/usr/bin/python3", "-I", "-c", code, *arguments]
    return subprocess.Popen(command, stdin=-1, stdout=-1, stderr=-1, cwd="/", **user)  # type: ignore[call-overload]


@pytest.mark.skipif(not Path("/usr/bin/python3").exists(), reason="this machine has no Python that every user runs")
@pytest.mark.parametrize(("how", "read"), [("private", False), ("open", True)])
def test_a_process_that_keeps_private_is_not_read_by_its_own_user(how, read):
    held = program(HELD, how)
    assert held.stdout is not None
    assert held.stdout.readline() == b"ready\n"
    reader = program(READS, str(held.pid))
    _, words = reader.communicate(timeout=60)
    held.communicate(timeout=60)

    assert (reader.returncode == 0, b"PermissionError" in words) == (read, not read), words


def test_the_signer_keeps_private_before_it_opens_a_key(tmp_path):
    """Asked of a signer that stops at once, for want of a home it may use."""
    seen = "import ctypes, sys, workers.signer.main as m\n"
    seen += "m.settings.load = lambda: sys.exit(40 + ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))\nm.main()"
    ended = subprocess.run([sys.executable, "-c", seen], cwd=Path(kernel.__file__).parents[2], timeout=120)

    assert ended.returncode == 40
