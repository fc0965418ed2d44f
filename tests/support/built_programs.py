"""Where the programs that clusters are made of are; a test that needs them says so where they were not built."""

from __future__ import annotations

import fcntl
import os
import tempfile
from functools import cache
from pathlib import Path
from typing import TextIO

import pytest

from workers.core import settings


def built() -> Path:
    """The folder of deploy/cluster-tools; a skip that says why."""
    found = settings.load().built
    if (found / "kubernetes-v1.34.4").is_dir() and (found / "kwok-v0.8.0" / "stages.yaml").is_file():
        return found
    why = f"Kubernetes and kwok are not in {found}: make cluster-tools"
    pytest.skip(why)


def need_go_tool(name: str) -> Path:
    """A program of deploy/heavy; a skip that says why."""
    found = settings.load().built / name
    if found.exists():
        return found
    why = f"{name} is not in {found.parent}: deploy/go-tool {name}"
    pytest.skip(why)


def needs_host() -> None:
    """What a real node needs of the machine, which can be the node of one cluster at a time."""
    if os.geteuid() != 0:
        pytest.skip("a kubelet needs root")
    if not Path("/usr/lib/cni/bridge").exists():
        pytest.skip("containernetworking-plugins is not installed")
    try:
        fcntl.flock(_turn(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        pytest.skip("tests of another process have this machine as their node")


@cache
def _turn() -> TextIO:
    """Locked until this process ends."""
    network = os.stat("/proc/self/ns/net").st_ino
    return (Path(tempfile.gettempdir()) / f"sluiceway-tests-of-nodes-{network}.lock").open("w")
