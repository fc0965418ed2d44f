"""A Docker daemon for tests, and an image that is made of what the machine has: nothing is pulled."""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
from docker.errors import NotFound

from activities.docker.daemon import client_of
from tests.support.programs import need
from tests.support.skips import missing_daemon

SHELL = "sluiceway-test/shell:1"
FOLDERS = ("bin", "tmp", "proc", "sys", "dev", "etc")


@pytest.fixture(scope="session")
def daemon() -> Iterator[docker.DockerClient]:
    """A client of the daemon, or a skip with the reason why there is none."""
    if why := missing_daemon():
        pytest.skip(why)
    with client_of(timeout_s=60) as client:
        yield client


@pytest.fixture(scope="session")
def shell_image(daemon: docker.DockerClient) -> str:
    """A shell and the usual small programs."""
    try:
        daemon.images.get(SHELL)
    except NotFound:
        busybox = Path(need("busybox", "images are made of it, since nothing is pulled"))
        daemon.api.import_image_from_data(_root(busybox), repository="sluiceway-test/shell", tag="1")
    return SHELL


def _root(busybox: Path) -> bytes:
    names = subprocess.run([busybox, "--list"], capture_output=True, text=True, check=True).stdout.split()
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for folder in FOLDERS:
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o777
            archive.addfile(entry)
        program = tarfile.TarInfo("bin/busybox")
        data = busybox.read_bytes()
        program.size, program.mode = len(data), 0o755
        archive.addfile(program, io.BytesIO(data))
        for name in set(names) - {"busybox"}:
            link = tarfile.TarInfo(f"bin/{name}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            archive.addfile(link)
    return out.getvalue()


def left(client: docker.DockerClient, home: Path) -> list[str]:
    """Containers and networks of an installation that are still there."""
    wanted = {"label": f"dev.sluiceway.home={home}"}
    containers = [str(one["Names"]) for one in client.api.containers(all=True, filters=wanted)]
    return containers + [str(one["Name"]) for one in client.api.networks(filters=wanted)]
