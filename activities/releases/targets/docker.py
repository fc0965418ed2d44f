"""A Docker daemon on this machine: a service is N containers, each on its own loopback port.

Containers are the state: labels describe them, and their port survives restarts by the daemon. Docker restarts what
exits; a version that keeps exiting before it is ready has failed.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Mapping
from pathlib import Path

import docker
from docker.errors import ImageNotFound

from activities.core.cancellation import CancellationToken, run_blocking
from activities.docker.daemon import ProgressCallback, connected, present
from activities.releases.exec_monitor import ExecWatch
from activities.releases.loopback_target import Loopback
from activities.releases.port import NotReadyError
from activities.releases.routers.port import Router
from activities.secrets.broker import Broker, closed
from activities.supervisor.service import answers, free_port
from domain.core.documents import Node
from domain.core.errors import SluicewayError
from domain.pipelines.container import name_of
from domain.releases import drift
from domain.releases.deploy_spec import DeploySpec
from domain.releases.deployment import Deployment

HOME, SERVICE, ENVIRONMENT, INSTANCE, NUMBER = (
    f"dev.sluiceway.{word}" for word in ("home", "service", "environment", "instance", "number")
)
POLL_S = 0.1
RESTARTS = 3
"""After this many restarts during start-up, the version has failed."""
NS = 1_000_000_000
PIDS = 4_096


class DockerTarget(Loopback):
    """Instances are containers with labels: a restarted worker finds them by these."""

    def __init__(self, home: Path, routers: Mapping[str, Router], secrets: Broker | None = None) -> None:
        super().__init__(routers)
        self._secrets = secrets or closed()
        self._home = str(home)
        self.execs = ExecWatch(home / "execs", self._layer)

    async def start(self, deployment: Deployment, instances: int = 0) -> None:
        """Keeps containers that already run."""
        await self._ready(deployment, instances or deployment.spec.instances)

    async def resize(self, deployment: Deployment, instances: int) -> None:
        """Removes surplus containers first, then waits for all others."""
        await asyncio.to_thread(self._remove, deployment, instances)
        await self._ready(deployment, instances)

    async def _ready(self, deployment: Deployment, instances: int) -> None:
        token = CancellationToken()
        await run_blocking(lambda: self._create(deployment, instances, token.report), token)
        why = await run_blocking(lambda: self._wait(deployment, instances, token.report), token)
        if why:
            await asyncio.to_thread(self._remove, deployment, 0)
            late = f"version {deployment.spec.version} was not ready after {deployment.spec.readiness.timeout_s:g} s"
            raise NotReadyError("SLW864", late, why=why)

    def _create(self, deployment: Deployment, instances: int, told: ProgressCallback) -> None:
        spec, there = deployment.spec, {number for number, _ in self._found(deployment)}
        with connected() as client:
            if set(range(1, instances + 1)) - there:
                present(client, spec.image, "missing", told)
            for number in range(1, instances + 1):
                told(f"starts {spec.image} {number} of {instances}")
                name = self._name(deployment, number)
                if number not in there:
                    self._made(client, deployment, number, name)
                client.api.start(name)

    def _made(self, client: docker.DockerClient, deployment: Deployment, number: int, name: str) -> None:
        spec, inside = deployment.spec, deployment.spec.port
        host = client.api.create_host_config(
            port_bindings={inside: ("127.0.0.1", free_port())},
            restart_policy={"Name": "unless-stopped", "MaximumRetryCount": 0},
            security_opt=["no-new-privileges"],
            cap_drop=["ALL"],
            cap_add=["NET_BIND_SERVICE", "SETUID", "SETGID", "CHOWN"],
            pids_limit=PIDS,
            mem_limit=spec.memory_mb * 1_000_000 or None,
            nano_cpus=int(spec.cpu * NS) or None,
        )
        client.api.create_container(
            spec.image,
            command=list(spec.command) or None,
            name=name,
            ports=[inside],
            environment=self._env(deployment),
            labels={**self._labels(deployment), NUMBER: str(number)},
            host_config=host,
        )

    def _env(self, deployment: Deployment) -> dict[str, str]:
        return {
            "SLUICEWAY_SERVICE": deployment.service,
            "SLUICEWAY_VERSION": deployment.spec.version,
            "SLUICEWAY_INSTANCE": deployment.instance,
            "SLUICEWAY_ENVIRONMENT": deployment.environment,
            deployment.spec.port_env: str(deployment.spec.port),
            **deployment.env,
            **self._secrets.values(deployment.secrets, deployment.use),
        }

    def _wait(self, deployment: Deployment, instances: int, told: ProgressCallback) -> str:
        """Waits until all answer; returns why they do not, or empty."""
        deadline, why = time.monotonic() + deployment.spec.readiness.timeout_s, "no log output"
        while time.monotonic() < deadline:
            told("waits until it is ready")
            with connected() as client:
                names = [self._name(deployment, number) for number in range(1, instances + 1)]
                seen = [client.api.inspect_container(name) for name in names]
                if all(_answers(Node(one), deployment.spec) for one in seen):
                    return ""
                why = self._last_words(client, deployment) or why
            if any(one["RestartCount"] >= RESTARTS for one in seen):
                return why
            time.sleep(POLL_S)
        return why

    def _last_words(self, client: docker.DockerClient, deployment: Deployment) -> str:
        text = client.api.logs(self._name(deployment, 1), tail=1).decode("utf-8", "replace").strip()
        text = self._secrets.masker(deployment.secrets).text(text)[-300:]
        return f"last line of its log: {text}" if text else ""

    async def stop(self, deployment: Deployment) -> str:
        """Empty when the deployment has no container."""
        if not await asyncio.to_thread(self._found, deployment):
            return ""
        said = await self.leave(deployment)
        await asyncio.to_thread(self._remove, deployment, 0)
        return said

    def _remove(self, deployment: Deployment, keep: int) -> None:
        """Stops all but the first ones, each with its grace period."""
        with connected() as client:
            names = [self._name(deployment, number) for number, _ in self._found(deployment) if number > keep]
            for name in names:
                self.execs.forget(str(client.api.inspect_container(name)["Id"]))
                client.api.stop(name, timeout=int(deployment.spec.drain_s) or 1)
                client.api.remove_container(name, v=True, force=True)

    def ports(self, deployment: Deployment) -> tuple[int, ...]:
        found = tuple(port for _, port in self._found(deployment))
        if not found:
            raise SluicewayError(
                "SLW865", f"{deployment.service} {deployment.instance} is not running", fix="release the version again"
            )
        return found

    def _found(self, deployment: Deployment) -> list[tuple[int, int]]:
        """Number and port of its containers, running or restarting."""
        wanted = [f"{label}={value}" for label, value in self._labels(deployment).items()]
        with connected() as client:
            every = client.api.containers(all=True, filters={"label": wanted})
            seen = [(int(one["Labels"][NUMBER]), client.api.inspect_container(one["Id"])) for one in every]
        return sorted((number, _port(Node(one))) for number, one in seen)

    def _labels(self, deployment: Deployment) -> dict[str, str]:
        return {
            HOME: self._home,
            SERVICE: deployment.service,
            ENVIRONMENT: deployment.environment,
            INSTANCE: deployment.instance,
        }

    def _name(self, deployment: Deployment, number: int) -> str:
        return name_of(self._home, f"{deployment.environment}-{deployment.service}-{deployment.instance}", str(number))

    async def drift(self, deployment: Deployment) -> list[str]:
        """Another image, changed files, and programs that its image does not have."""
        return await run_blocking(lambda: self._drift(deployment))

    def _drift(self, deployment: Deployment) -> list[str]:
        lines = []
        with connected() as client:
            try:
                released = str(client.images.get(deployment.spec.image).id)
            except ImageNotFound:
                released = deployment.spec.image
            for number, _ in self._found(deployment):
                name = self._name(deployment, number)
                seen = client.api.inspect_container(name)
                runs = str(seen["Image"])
                if released.startswith("sha256:") and runs != released:
                    lines.append(f"container {number} runs {runs} instead of the released {released}")
                changes = [(str(one["Path"]), int(one["Kind"])) for one in client.api.diff(name) or ()]
                told = [*drift.of_container(changes), *self.execs.found(str(seen["Id"]))]
                lines += [f"container {number}: {line}" for line in told]
        return lines

    def _layer(self, container: str) -> str:
        """The folder of a container's writable layer on this machine."""
        try:
            with connected() as client:
                seen = client.api.inspect_container(container)
        except SluicewayError as broken:
            raise OSError(broken.what) from broken
        mine = Node(seen).at("Config", "Labels", HOME).value == self._home
        return Node(seen).at("GraphDriver", "Data", "UpperDir").text() if mine else ""

    async def reconcile(self) -> list[str]:
        """Always empty: the daemon restarts what exits."""
        return []  # the daemon restarts them


def _answers(seen: Node, spec: DeploySpec) -> bool:
    """Probed at the container's own address: the daemon's proxy accepts connections before the service listens."""
    address = seen.need_text("NetworkSettings", "IPAddress")
    if not (seen.need("State", "Running") and address):
        return False
    if spec.readiness.http:
        return answers(_port(seen), spec.readiness.http)
    try:
        with socket.create_connection((address, spec.port), timeout=1):
            return True
    except OSError:
        return False


def _port(seen: Node) -> int:
    bindings = (one.first()["HostPort"] for _, one in seen.at("HostConfig", "PortBindings").fields())
    return next((int(port.text()) for port in bindings if port), 0)
