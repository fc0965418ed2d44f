"""Every executor by the name that definitions use."""

from __future__ import annotations

from pathlib import Path

from activities.address_book import AddressBook
from activities.executor import Executor, ProcessExecutor
from activities.executors.docker import DockerExecutor
from activities.executors.kubernetes import KubernetesExecutor


def executors(home: Path, clusters: Path, book: AddressBook) -> dict[str, Executor]:
    return {
        "process": ProcessExecutor(),
        "docker": DockerExecutor(home),
        "kubernetes": KubernetesExecutor(home, clusters, book),
    }
