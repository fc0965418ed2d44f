"""`python -I step.py exec CONNECTION CONTAINER CAUSE-FILE COMMAND…` and `… remove CONNECTION KEY HOME`.

Runs one step in a job's container, as a process that the supervisor can read and kill: it passes on both outputs and
the exit code. The step's environment comes as JSON on standard input and never becomes this process's own: the
definition controls it, and variables such as LD_PRELOAD would act outside the container.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial

import docker
from docker.errors import APIError, DockerException

LOOK_S = 0.5
QUIET_S = 2.0
"""How long the last output may take after the end of the step: less lost it on a busy machine. A step only waits for so
long when a background process holds the output.
"""
KEY_LABEL, HOME_LABEL = "dev.sluiceway.key", "dev.sluiceway.home"
KILLED, ENDED = 137, 143
"""128 and SIGKILL, or SIGTERM."""
LOST = 125
"""`docker exec`'s code for a failure of the daemon, not of the command."""


def main(arguments: list[str]) -> int:
    """The exit code; the variables of the step are read from standard input as JSON."""
    mode, connection, *rest = arguments
    client = docker.DockerClient.from_env(environment=json.loads(connection), timeout=60)
    if mode == "remove":
        remove(client, *rest)
        return 0
    asked = threading.Event()

    def ask(number: int, frame: object) -> None:
        asked.set()
        threading.Thread(target=_terminate, args=(connection, rest[0])).start()

    signal.signal(signal.SIGTERM, ask)
    env = json.loads(sys.stdin.read() or "{}")
    # one that is asked to end before it has begun does not begin: nobody would ask it again
    return ENDED if asked.is_set() else execute(client, rest[0], rest[1], rest[2:], env)


def _terminate(connection: str, name: str) -> None:
    """The supervisor's SIGTERM, passed on to every process of the container but its first."""
    client = docker.DockerClient.from_env(environment=json.loads(connection), timeout=60)  # the other one is in use
    with contextlib.suppress(DockerException, OSError):
        made = client.api.exec_create(name, ["/bin/sh", "-c", "kill -TERM -1"])["Id"]
        client.api.exec_start(made)


def execute(client: docker.DockerClient, name: str, cause: str, command: list[str], env: dict[str, str]) -> int:
    """The step's exit code. Writes `memory` or `infrastructure` to the cause file when the step was not at fault."""
    began = int(time.time())
    try:
        made = client.api.exec_create(name, command, environment=env, workdir="/sluiceway/workspace")["Id"]
        output = client.api.exec_start(made, stream=True, demux=True)
        reading = threading.Thread(target=_copy, args=(output,), daemon=True)
        reading.start()
        code = _ended(client, made, reading)
        state = client.api.inspect_container(name)["State"]
    except (DockerException, OSError) as broken:
        print(f"sluiceway: the container is lost: {broken}", file=sys.stderr)
        _write(cause, _why(client, name))
        return LOST
    if code == KILLED and (state.get("OOMKilled") or _out_of_memory(client, name, began)):
        _write(cause, "memory")
    elif not state.get("Running"):
        _write(cause, "infrastructure")
    return code


def _copy(output: Iterable[tuple[bytes | None, bytes | None]]) -> None:
    try:
        for out, err in output:
            for data, handle in ((out, 1), (err, 2)):
                while data:
                    data = data[os.write(handle, data) :]
    except (DockerException, OSError, ValueError):
        return  # the exit code, queried next, decides


def _ended(client: docker.DockerClient, made: str, reading: threading.Thread) -> int:
    """The exit code. A background process may keep the output open; the step has ended all the same."""
    while True:
        reading.join(LOOK_S)
        seen = client.api.exec_inspect(made)
        if not seen["Running"] and seen["ExitCode"] is not None:
            reading.join(QUIET_S)
            return int(seen["ExitCode"])


def _out_of_memory(client: docker.DockerClient, name: str, since: int) -> bool:
    """Whether the kernel killed a process in it for its memory: the container's state only covers its first process."""
    wanted = {"container": name, "event": "oom"}
    return any(client.api.events(since=since, until=int(time.time()) + 1, filters=wanted, decode=True))


def _why(client: docker.DockerClient, name: str) -> str:
    try:
        state = client.api.inspect_container(name)["State"]
    except (DockerException, OSError):
        return "infrastructure"
    return "memory" if state.get("OOMKilled") else "infrastructure"


def _write(path: str, word: str) -> None:
    with open(path, "w") as file:
        file.write(word)


def remove(client: docker.DockerClient, key: str, home: str = "") -> None:
    """Removes everything with the key: containers first, then their network.

    `home`: the engine's; empty in what a job of an earlier version runs at its end.
    """
    wanted = {"label": [f"{KEY_LABEL}={key}", *([f"{HOME_LABEL}={home}"] if home else [])]}
    for container in client.api.containers(all=True, filters=wanted):
        _gone(partial(client.api.remove_container, container["Id"], v=True, force=True))
    for network in client.api.networks(filters=wanted):
        _gone(partial(client.api.remove_network, network["Id"]))


def _gone(call: Callable[[], None]) -> None:
    """Tolerates objects that somebody else removes at the same time."""
    try:
        call()
    except APIError as broken:
        if broken.status_code not in (404, 409):
            raise


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(code)  # a reader may still wait for output that a background process holds open
