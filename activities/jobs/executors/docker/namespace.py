"""The network of a container, for a proxy that listens in it."""

from __future__ import annotations

from pathlib import Path

import docker

from domain.core.documents import Node
from domain.core.errors import SluicewayError


def of(client: docker.DockerClient, name: str) -> str:
    """The path of its namespace.

    Raises:
        SluicewayError: SLW031, the daemon is on another machine, or this worker may not enter it.
    """
    seen = Node(client.api.inspect_container(name))
    pid, whole = seen.at("State", "Pid").whole(), seen["Id"].text()
    path = Path(f"/proc/{pid}/ns/net")
    try:
        known = (
            whole and whole in Path(f"/proc/{pid}/cgroup").read_text()
        )  # the same number elsewhere is another process
        path.readlink()
    except OSError:
        known = False
    if known:
        return str(path)
    what = "the job shall reach the network by a proxy only, and this worker cannot enter its container"
    fix = "run the worker as root beside the daemon, or use `network: none`, or the executor process"
    raise SluicewayError("SLW031", what, fix=fix)
