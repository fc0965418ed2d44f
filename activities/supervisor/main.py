"""`python -I -S main.py job|service FOLDER`, secrets as one line of JSON on standard input."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))

from activities.supervisor import fast_json as quick
from activities.supervisor import tree


def main() -> None:
    mode, folder = sys.argv[1:3]
    secrets = quick.loads(sys.stdin.readline() or "{}")
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
            tree.kill(quick.read(f"{folder}/spec.json")["key"])
            quick.write(f"{folder}/status.json", {"cause": "infrastructure", "exit_code": 0, "step": 0, "lost": True})
            return
    quick.write(f"{folder}/supervisor.json", {"pid": os.getpid(), "start_time": tree.start_time(os.getpid())})
    if mode == "job":
        from activities.supervisor.job import run

        run(folder, secrets)
    else:
        from activities.supervisor.service import serve

        serve(folder, secrets)


main()
