"""The start of a supervisor, in a program of its own or forked by `forks.py`: one per folder, or it ends at once."""

from __future__ import annotations

import os

from activities.supervisor import fast_json as quick
from activities.supervisor import seal, tree


def begin(mode: str, folder: str) -> None:
    """`mode`: job or service. Standard input has the secrets and a word (see seal.py), a line each."""
    os.umask(0o077)
    lock = os.open(f"{folder}/lock", os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        os.lockf(lock, os.F_TLOCK, 0)
    except OSError:
        return  # another supervisor owns this folder: never run it twice
    if mode == "job":
        if os.path.exists(f"{folder}/status.json"):
            return
        if os.path.exists(f"{folder}/supervisor.json"):
            _end_what_is_left(folder)
            return
    quick.write(f"{folder}/supervisor.json", {"pid": os.getpid(), "start_time": tree.start_time(os.getpid())})
    if mode == "job":
        from activities.supervisor.job import run

        run(folder, given)
    else:
        from activities.supervisor.service import serve

        serve(folder, given()[0])


def given() -> tuple[dict[str, str], str]:
    """Secrets and the word, from standard input."""
    secrets, _, word = b"".join(iter(lambda: os.read(0, 65_536), b"")).decode().partition("\n")
    return quick.loads(secrets or "{}"), word.strip()


def _end_what_is_left(folder: str) -> None:
    """Of a supervisor that was killed: its job is lost."""
    spec = quick.read(f"{folder}/spec.json")
    tree.kill(tree.mark_of(spec))
    from activities.supervisor.cgroup import Group, name_of

    if group := Group.left(name_of(spec)):
        group.clear()
    quick.write(f"{folder}/status.json", seal.sealed({"cause": "infrastructure", "lost": True}, given()[1]))
