"""A Docker daemon and its images, for executors, targets and scans."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Callable, Iterator, Mapping

import docker
from docker.errors import APIError, DockerException, ImageNotFound

from domain.core.errors import SluicewayError
from domain.core.masking import Masker

ProgressCallback = Callable[[str], None]
"""Reports progress; raises to stop."""


@contextlib.contextmanager
def client_of(timeout_s: int) -> Iterator[docker.DockerClient]:
    """A client of the daemon at DOCKER_HOST, or at the local socket.

    Raises:
        OSError: nothing listens there. Checked first: the client's own check would leak its sockets.
    """
    host = os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock"
    if host.startswith("unix://"):
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(timeout_s)
            probe.connect(host.removeprefix("unix://"))
    with contextlib.closing(docker.from_env(timeout=timeout_s)) as client:
        yield client


@contextlib.contextmanager
def connected() -> Iterator[docker.DockerClient]:
    """The daemon at DOCKER_HOST, or at the local socket.

    Raises:
        SluicewayError: SLW839, it refuses the request; SLW847, it does not answer (transient).
    """
    try:
        with client_of(timeout_s=120) as client:
            yield client
    except APIError as broken:
        if not broken.is_client_error():
            raise SluicewayError("SLW847", "Docker failed", why=_said(broken), transient=True) from broken
        raise SluicewayError("SLW839", "Docker refused the request", why=_said(broken)) from broken
    except (DockerException, OSError) as broken:
        fix = "start a Docker daemon on the worker's machine, or set DOCKER_HOST"
        raise SluicewayError("SLW847", "Docker is unavailable", why=_said(broken), fix=fix, transient=True) from broken


def _said(broken: Exception) -> str:
    return str(getattr(broken, "explanation", "") or broken)[:500]


def present(
    client: docker.DockerClient, name: str, pull: str, told: ProgressCallback, login: Mapping[str, str] | None = None
) -> str:
    """The log line with the image's digest, after pulling it if needed. `login`: None: this machine's of Docker.

    Raises:
        SluicewayError: SLW848, it is missing and cannot be pulled.
    """
    masked = Masker([login["password"]] if login else []).text
    try:
        if pull != "always":
            with contextlib.suppress(ImageNotFound):
                return f"image {name} {client.images.get(name).id}"
            if pull == "never":
                raise SluicewayError(
                    "SLW848",
                    f"the image {name} is not on this machine, and `pull: never` forbids pulling it",
                    fix="pull: missing",
                )
        _pull(client, name, lambda words: told(masked(words)), login)
        return f"image {name} {client.images.get(name).id}"
    except (APIError, ImageNotFound) as broken:
        fix = "check its name, and that this machine can reach and read the registry"
        why = masked(_said(broken))
        raise SluicewayError("SLW848", f"the image {name} cannot be pulled", why=why, fix=fix) from broken


def _pull(client: docker.DockerClient, name: str, told: ProgressCallback, login: Mapping[str, str] | None) -> None:
    told(f"pulls {name}")
    repository, tag = name, None
    if "@" not in name:
        repository, colon, after = name.rpartition(":")
        repository, tag = (repository, after) if colon and "/" not in after else (name, "latest")
    given = dict(login) if login else None
    for event in client.api.pull(repository, tag=tag, stream=True, decode=True, auth_config=given):
        told(f"pulls {name}: {event.get('status', '')} {event.get('progress', '')}".rstrip())
        if error := event.get("error"):
            raise ImageNotFound(str(error)[:500])
