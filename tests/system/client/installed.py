"""Runs in a network namespace of its own: a server in one process, the installed client in another.

`python -m tests.system.client.installed CLIENT` where CLIENT is the program `sluiceway` of an environment that has
nothing but the thin client. Prints a line of JSON for each command.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import uvicorn

from domain.access.principal import ANONYMOUS, OWNER, Caller
from tests.support import far
from tests.support.memory_client import memory_client
from workers.remote.signing import made_key

ORIGIN = "http://sluiceway.localhost:8099"
TOKEN = "slw_of_the_test"
COMMANDS = (
    *("whoami", "runs --limit 3", "show web-shop/1", "logs web-shop/1 build", "release list", "environment list"),
    *("queues", "inbox --all", "findings", "access can-i runs:read run:web-shop/1", "people list", "token list"),
    *(
        "apply policy.yaml --key own.key --yes",
        "policy list",
        "policy show main-only",
        "environment add new --key own.key --yes",
    ),
    *("policy explain web --repository git.example/web", "policy remove main-only --key own.key"),
    *("run web-shop --detach", "explain SLW410", "up"),
)
POLICY = "apiVersion: sluiceway/v1\nkind: Policy\nname: main-only\nallow: {branches: [main]}\n"


class ByToken(far.Anyone):
    """Knows one token."""

    async def caller(self, connection):
        known = connection.headers.get("Authorization") == f"Bearer {TOKEN}"
        return Caller(principal=OWNER if known else ANONYMOUS, channel="api")


def main(client: str) -> None:
    """Starts the server, logs in, and runs each command."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    far.Anyone = ByToken  # type: ignore[misc]
    app = far.server(memory_client())
    config = uvicorn.Config(app, host="127.0.0.1", port=8099, log_level="warning", lifespan="on")
    served = uvicorn.Server(config)
    thread = threading.Thread(target=served.run, daemon=True)
    thread.start()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "token").write_text(TOKEN)
        (Path(folder) / "policy.yaml").write_text(POLICY)
        made_key(Path(folder) / "own.key")
        env = {"HOME": folder, "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
        login = ["login", ORIGIN, "--token-file", f"{folder}/token"]
        for words in (login, *(one.split() for one in COMMANDS)):
            ended = subprocess.run([client, *words], capture_output=True, text=True, env=env, cwd=folder, check=False)
            said = {"words": words, "code": ended.returncode, "out": ended.stdout, "err": ended.stderr}
            sys.stdout.write(json.dumps(said) + "\n")
    served.should_exit = True
    thread.join()


if __name__ == "__main__":
    main(sys.argv[1])
