"""Every executor by the name that definitions use."""

from __future__ import annotations

from pathlib import Path

from activities.jobs.executors.docker.executor import DockerExecutor
from activities.jobs.executors.kubernetes.agents import Secrets
from activities.jobs.executors.kubernetes.executor import KubernetesExecutor
from activities.jobs.executors.process import ProcessExecutor
from activities.jobs.isolation.isolation import Isolation
from activities.jobs.port import Executor
from activities.kubernetes.kubeconfigs import AddressBook
from domain.jobs.agent import AgentPlace


def executors(
    home: Path,
    clusters: Path,
    book: AddressBook,
    isolation: Isolation,
    agents: AgentPlace | None = None,
    secrets: Secrets = tuple,
) -> dict[str, Executor]:
    """`home`: the installation's folder; `clusters` and `book`: the folder of its clusters, and how to reach them;
    `isolation`: of processes of this machine; `agents`: how pods reach the job endpoint; `secrets`: the keys that all
    workers of the installation have, by which they know the pods of its jobs again.
    """
    return {
        "process": ProcessExecutor(isolation),
        "docker": DockerExecutor(home, isolation.reach),
        "kubernetes": KubernetesExecutor(home, clusters, book, isolation.reach, agents, secrets),
    }
