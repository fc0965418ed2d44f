"""Jobs in containers of a Docker daemon: one for the steps, one per service, and a network of their own.

The container idles: its shell reads an input that never arrives, and steps are executed in it. A restarted worker finds
it by name. Only the job's folder is mounted from the host.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypedDict

import docker
from docker.errors import NotFound
from docker.types import Healthcheck, HostConfig, Mount, NetworkingConfig

from activities.docker.daemon import connected, present
from activities.jobs import container_networks as networks
from activities.jobs.container_networks import ContainerNetwork
from activities.jobs.executors.docker import namespace
from activities.jobs.executors.docker import step as docker_step
from activities.jobs.executors.docker.step import HOME_LABEL, KEY_LABEL
from activities.jobs.port import Layout, ProgressCallback
from activities.supervisor import shells
from domain.core.documents import Node
from domain.core.errors import SluicewayError
from domain.jobs.isolation import OPEN, Level, Network, ProxySpec, Reach
from domain.pipelines.container import ContainerSpec, ServiceSpec, name_of
from domain.pipelines.job import Job
from domain.pipelines.steps import Step

ROOT = "/sluiceway"
MOUNTED = ("workspace", "home", "tmp", "outputs")
CONNECTION = ("DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH")
POLL_S = 0.1
NS = 1_000_000_000


class Host(TypedDict, total=False):
    """What a container gets of the machine."""

    cap_drop: list[str]
    mounts: list[Mount]
    mem_limit: int
    memswap_limit: int
    nano_cpus: int


class Process(TypedDict, total=False):
    """What runs in a container, and as whom."""

    entrypoint: list[str]
    command: list[str] | None
    environment: dict[str, str]
    healthcheck: Healthcheck
    stdin_open: bool
    user: str
    working_dir: str


class DockerExecutor:
    """Uses the daemon at DOCKER_HOST, or the local socket. Bind mounts require it to be on this machine."""

    limits_memory = True

    def __init__(self, home: Path, reach: Reach = OPEN) -> None:
        self._home, self._reach = str(home), reach

    def layout(self, folder: Path) -> Layout:
        """The mount point in the container, and the image's own PATH."""
        return Layout(ROOT)

    def jail(self, folder: Path) -> None:
        """None: the container is what keeps the steps apart."""

    def proxy(self, key: str) -> ProxySpec | None:
        """It listens within the container, whose network the supervisor enters."""
        if self._reach.network is not Network.PROXY:
            return None
        with connected() as client:
            return self._reach.proxy(namespace.of(client, name_of(self._home, key)))

    def limited(self, level: Level, network: Network, hosts: frozenset[str] | None) -> DockerExecutor:
        """Every network can be demanded; `open` refuses the proxy where this worker cannot enter containers."""
        return DockerExecutor(Path(self._home), self._reach.limited(network, hosts))

    def agent(self, folder: Path) -> None:
        """None: its steps are processes of the supervisor."""

    def command(self, step: Step, key: str, folder: Path) -> list[str]:
        """A helper process that executes the step in the container: the supervisor can only kill processes."""
        command = shells.command(step.shell, step.run, f"{ROOT}/{shells.FOLDER}")
        return self._helper("exec", name_of(self._home, key), str(folder / "cause"), *command)

    def after(self, key: str, folder: Path) -> list[str]:
        """A helper that removes the containers and their network; the files are already on this disk."""
        return self._helper("remove", key, self._home)

    def _helper(self, mode: str, *rest: str) -> list[str]:
        connection = {name: os.environ[name] for name in CONNECTION if name in os.environ}
        return [sys.executable, "-I", docker_step.__file__, mode, json.dumps(connection), *rest]

    def open(self, job: Job, key: str, folder: Path, secrets: Mapping[str, str], told: ProgressCallback) -> list[str]:
        """Removes an earlier attempt's leftovers, then creates network, services and container.

        Raises:
            SluicewayError: SLW031, the job shall have a proxy, and this worker cannot enter the container's network.
        """
        assert job.container is not None
        closed = self._reach.network in (Network.PROXY, Network.NONE)
        spec = replace(job.container, isolated=True) if closed else job.container
        with connected() as client:
            docker_step.remove(client, key, self._home)
            try:
                return self._opened(client, job, spec, key, folder, secrets, told)
            except BaseException:
                docker_step.remove(client, key, self._home)
                raise

    def _opened(
        self,
        client: docker.DockerClient,
        job: Job,
        spec: ContainerSpec,
        key: str,
        folder: Path,
        secrets: Mapping[str, str],
        told: ProgressCallback,
    ) -> list[str]:
        notes = [present(client, spec.image, spec.pull, told)]
        notes += [present(client, one.image, spec.pull, told) for one in spec.services]
        network = self._network(client, spec, key)
        notes.append("network: proxy" if self._reach.network is Network.PROXY else network.told)
        labels = {KEY_LABEL: key, HOME_LABEL: self._home}
        for service in spec.services:
            name = name_of(self._home, key, service.name)
            wiring = _wiring(client, network.name, service.name)
            host = _host(client, spec, network.name, _limits(service.memory_mb))
            _start(client, service.image, name, labels, host, _service(service, secrets), wiring)
        for service in spec.services:
            notes.append(_ready(client, name_of(self._home, key, service.name), service, network.name, told))
        told(f"starts {spec.image}")
        host = _host(client, spec, network.name, _machine(job, folder))
        _start(client, spec.image, name_of(self._home, key), labels, host, _steps())
        if self._reach.network is Network.PROXY:
            namespace.of(client, name_of(self._home, key))
        return notes

    def _network(self, client: docker.DockerClient, spec: ContainerSpec, key: str) -> ContainerNetwork:
        """A separate network for a job with services: reachable by name, isolated from other jobs."""
        apart = self._reach.network is not Network.MACHINE
        if not spec.services:
            return networks.alone(client, isolated=spec.isolated, apart=apart)
        name, labels = name_of(self._home, key), {KEY_LABEL: key, HOME_LABEL: self._home}
        return networks.made(client, name, labels, isolated=spec.isolated, apart=apart)

    def close(self, key: str) -> None:
        """Finds containers and networks by the labels with the key and this home."""
        with connected() as client:
            docker_step.remove(client, key, self._home)

    def sweep(self, unfinished: Callable[[str], bool]) -> list[str]:
        """Leftovers of a killed worker whose job was not retried."""
        with connected() as client:
            found = client.api.containers(all=True, filters={"label": f"{HOME_LABEL}={self._home}"})
            keys = {str(one["Labels"].get(KEY_LABEL, "")) for one in found} - {""}
            lost = sorted(key for key in keys if not unfinished(key))
            for key in lost:
                docker_step.remove(client, key, self._home)
        return lost


def _start(
    client: docker.DockerClient,
    image: str,
    name: str,
    labels: dict[str, str],
    host: HostConfig,
    process: Process,
    wiring: NetworkingConfig | None = None,
) -> None:
    client.api.create_container(image, name=name, labels=labels, host_config=host, networking_config=wiring, **process)
    client.api.start(name)


def _host(client: docker.DockerClient, spec: ContainerSpec, network: str, host: Host) -> HostConfig:
    made: HostConfig = client.api.create_host_config(
        security_opt=["no-new-privileges"], pids_limit=spec.pids, network_mode=network, **host
    )
    return made


def _wiring(client: docker.DockerClient, network: str, alias: str) -> NetworkingConfig:
    made = NetworkingConfig()  # its types know of one network only
    made["EndpointsConfig"] = {network: client.api.create_endpoint_config(aliases=[alias])}
    return made


def _limits(memory_mb: int) -> Host:
    memory = memory_mb * 1_000_000
    return {"mem_limit": memory, "memswap_limit": memory} if memory else {}


def _machine(job: Job, folder: Path) -> Host:
    """Capabilities, mounts and resource limits of the steps' container."""
    mounts = [Mount(f"{ROOT}/{name}", str(folder / name), type="bind") for name in MOUNTED]
    made: Host = {"cap_drop": ["ALL"], "mounts": mounts, **_limits(job.memory_mb)}
    if job.cpu:
        made["nano_cpus"] = int(job.cpu * NS)
    return made


def _steps() -> Process:
    """As the worker's user: its files belong to the worker, and root in the container is not root outside."""
    return {
        "entrypoint": ["/bin/sh", "-c", "read forever"],
        "command": [],
        "stdin_open": True,
        "user": f"{os.getuid()}:{os.getgid()}",
        "working_dir": f"{ROOT}/workspace",
    }


def _service(service: ServiceSpec, secrets: Mapping[str, str]) -> Process:
    """As its image wants to run. Its own check of readiness is Docker's health check."""
    env = {**service.env, **{name: secrets[name] for name in service.secrets}}
    made: Process = {"command": list(service.command) or None, "environment": env}
    if service.ready:
        interval = int(POLL_S * 2 * NS)
        made["healthcheck"] = Healthcheck(test=["CMD-SHELL", service.ready], interval=interval, retries=1_000_000)
    return made


def _ready(client: docker.DockerClient, name: str, service: ServiceSpec, network: str, told: ProgressCallback) -> str:
    """Waits until the service is ready; returns a log line.

    Raises:
        SluicewayError: SLW849, it exited, or was not ready in time; with its last output.
    """
    started = time.monotonic()
    while time.monotonic() - started < service.ready_timeout_s:
        told(f"waits for service {service.name}")
        seen = Node(client.api.inspect_container(name))
        state = seen["State"]
        if not state["Running"]:
            raise _not_ready(client, name, service, f"exited with {state['ExitCode'].text()}")
        healthy = state.at("Health", "Status").text("healthy") == "healthy"
        if healthy and (not service.port or _accepts(seen, network, service.port)):
            return f"service {service.name} is ready after {time.monotonic() - started:.1f} s"
        time.sleep(POLL_S)
    raise _not_ready(client, name, service, f"was not ready after {service.ready_timeout_s:g} s")


def _accepts(seen: Node, network: str, port: int) -> bool:
    address = seen.at("NetworkSettings", "Networks", network, "IPAddress").text()
    try:
        with socket.create_connection((address, port), timeout=1):
            return True
    except OSError:
        return False


def _not_ready(client: docker.DockerClient, name: str, service: ServiceSpec, what: str) -> SluicewayError:
    with contextlib.suppress(NotFound):
        words = client.api.logs(name, tail=5).decode("utf-8", "replace").strip()
        return SluicewayError("SLW849", f"service {service.name} {what}", why=words[-500:] or "no log output")
    return SluicewayError("SLW849", f"service {service.name} {what}")
