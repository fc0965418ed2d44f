"""Nonces of messages."""

import subprocess
import sys
from pathlib import Path

FORKS = """
import os
from workers.core.sealed_payloads import new_nonce

def told():
    print(*(new_nonce() for _ in range(1_000)), flush=True)

told()
if not os.fork():
    told()
    os._exit(0)
os.wait()
told()
"""


def test_no_two_messages_have_the_same_nonce_not_even_after_a_fork() -> None:
    root = Path(__file__).parents[3]
    told = subprocess.run([sys.executable, "-c", FORKS], cwd=root, capture_output=True, text=True, check=True).stdout
    assert len(set(told.split())) == 3_000
