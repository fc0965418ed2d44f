"""A terminal on a real kubelet: input, its size, its exit code, and why a command does not begin."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from activities.kubernetes.kubeconfigs import AddressBook
from activities.pods.cluster_terminals import ClusterTerminals
from activities.pods.terminals import Output, Terminal
from domain.core.documents import Node
from domain.core.errors import RefusedError
from domain.pods.exec_session import ExecTarget
from domain.pods.manifest import PodSpec, manifest
from tests.support.lab import until
from tests.support.made_clusters import IMAGE, Made

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(300)]
TARGET = ExecTarget(cluster="edge", namespace="default", pod="web", container="main")


@pytest.fixture
async def terminals(real_node: Made, tmp_path: Path) -> AsyncIterator[ClusterTerminals]:
    made = manifest(PodSpec(IMAGE, ("sleep", "3600"), pull="Never"))
    real_node.kube.create(
        {**made, "metadata": {**Node(made)["metadata"].object(), "name": "web", "namespace": "default"}}
    )
    await until(
        lambda: Node(real_node.kube.get("v1", "Pod", "web", "default")).at("status", "phase").text() == "Running", 120
    )
    book = AddressBook(tmp_path / "addresses")
    book.remember("edge", real_node.access)
    yield ClusterTerminals(book, tmp_path / "clusters")
    real_node.kube.delete("v1", "Pod", "web", "default", grace_s=0)


async def said(terminal: Terminal, wanted: bytes = b"\0") -> bytes:
    found = b""
    async with asyncio.timeout(120):
        while wanted not in found and (part := await terminal.read()) is not None:
            found += part[1]
    return found


async def test_a_shell_in_a_real_pod(terminals: ClusterTerminals) -> None:
    async with terminals.open(TARGET) as terminal:
        await terminal.resize(77, 33)
        await said(terminal, b"$ ")
        await terminal.write(b"busybox stty size; exit 7\r")
        assert b"33 77" in await said(terminal)
        assert terminal.code == 7


async def test_outputs_are_apart_without_a_terminal_and_refusals_are_told(terminals: ClusterTerminals) -> None:
    plain = ExecTarget(**{**vars(TARGET), "tty": False, "command": ("/bin/sh", "-c", "echo a; echo b >&2")})
    async with terminals.open(plain) as terminal:
        parts = [part async for part in _read(terminal)]
    assert ({channel for channel, _ in parts}, terminal.code) == ({1, 2}, 0)
    async with terminals.open(ExecTarget(**{**vars(plain), "command": ("nosuch",)})) as terminal:
        assert b"nosuch" in await said(terminal)
    with pytest.raises(RefusedError, match="SLW943"):
        async with terminals.open(ExecTarget(**{**vars(TARGET), "pod": "other"})):
            pytest.fail("there is no such pod")


async def _read(terminal: Terminal) -> AsyncIterator[Output]:
    while (found := await terminal.read()) is not None:
        yield found
