"""One real cluster for everything that releases promise on Kubernetes: its nodes, its Gateway, its registry, its killers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

from activities.clusters.processes import Components
from activities.clusters.providers.local import linux_host
from activities.clusters.providers.local.host import HostProvider
from activities.clusters.providers.local.host_node import HostNode
from activities.kubernetes.client import Kube
from domain.clusters import metadata
from domain.clusters.beside import gateway, image_registry
from domain.clusters.health import why_not
from domain.clusters.spec import ClusterSpec, Network, NodePool
from domain.core.documents import Node
from domain.releases.deploy_spec import DeploySpec, ProbeSpec
from domain.releases.deployment import Deployment
from domain.releases.kubernetes.naming import object_name
from domain.releases.kubernetes.place import KubernetesSpec, Place
from tests.support.made_clusters import Made
from tests.support.supervised import pids
from workers.demo import faulty_service, service_image
from workers.demo import load_generator as load
from workers.demo.load_generator import Answer

NAMESPACE = "shop"
SPEC = ClusterSpec(
    "edge",
    "host",
    network=Network(pods="10.144.0.0/16", services="10.143.0.0/16", nodes="10.98.0.0/24"),
    pools=(NodePool("web", 2),),
    parts={
        "dns": "coredns",
        "metrics": "metrics-server",
        "firewall": "kube-router",
        "gateway": "traefik",
        "registry": "docker-registry",
    },
)
RATE = float(os.environ.get("RATE", "60"))
"""Requests a second, of all kinds of connections together."""


@dataclass
class Load:
    """What clients of three kinds were answered; complete once they have ended."""

    answers: dict[str, list[Answer]] = field(default_factory=dict)

    @property
    def all(self) -> list[Answer]:
        return [one for answers in self.answers.values() for one in answers]

    @property
    def lost(self) -> list[tuple[str, Answer]]:
        """With the kind of connection."""
        return [(kind, one) for kind, answers in self.answers.items() for one in answers if not one.fine]

    def __str__(self) -> str:
        counts = ", ".join(f"{len(answers)} {kind}" for kind, answers in self.answers.items())
        bad = [f"{kind} {one.status} at {one.at:.1f} after {one.latency_ms:.0f} ms" for kind, one in self.lost]
        return f"{len(self.all)} requests ({counts}), {len(bad)} lost {bad[:5]}"


@dataclass
class ReleaseCluster:
    """`shop` is released to its namespace; hosts are `SERVICE.example`."""

    cluster: Made
    provider: HostProvider
    spec: ClusterSpec = SPEC
    listens: str = gateway.NAME
    """Name of the Gateway by which requests come in."""
    trusted: Path | None = None
    """Certificates that clients believe, of a Gateway that ends TLS."""

    @property
    def kube(self) -> Kube:
        return self.cluster.kube

    @property
    def place(self) -> Place:
        edge = f"{gateway.NAMESPACE}/{self.listens}"
        return Place(cluster=self.spec.name, namespace=NAMESPACE, gateway=edge, host="{service}.example")

    @property
    def target(self) -> dict[str, str]:
        """Of a registered environment."""
        here = self.place
        return {"cluster": here.cluster, "namespace": here.namespace, "gateway": here.gateway, "host": here.host}

    @property
    def entry(self) -> str:
        """`ADDRESS:PORT` of the Gateway."""
        found = Node(self.kube.get(f"{gateway.GROUP}/v1", "Gateway", self.listens, gateway.NAMESPACE))
        port = found.at("spec", "listeners").first()["port"].whole()
        return f"{found.at('status', 'addresses').first()['value'].text()}:{port}"

    @property
    def programs(self) -> Components:
        return self.provider.plane(self.spec.name).components

    def image(self, **env: str) -> str:
        """The service with these settings, in the cluster's registry."""
        told = self.kube.get("v1", "ConfigMap", image_registry.NAME, image_registry.NAMESPACE)
        code = {"/srv/service.py": Path(faulty_service.__file__).read_bytes()}
        return service_image.push(f"{image_registry.host_of(told or {})}/shop", code, ("/srv/service.py",), env)

    def deployment(self, instance: str, image: str, service: str = "shop", instances: int = 2) -> Deployment:
        spec = DeploySpec(
            service=service,
            version=instance,
            image=image,
            instances=instances,
            cpu=0.2,
            memory_mb=64,
            readiness=ProbeSpec("/healthz", 60),
            drain_s=2,
            target="kubernetes",
            router="gateway-api",
            kubernetes=KubernetesSpec(place=self.place),
        )
        return Deployment(service=service, environment="production", instance=instance, spec=spec)

    def pods(self, deployment: Deployment) -> list[str]:
        """Names of those of a version that do not end."""
        found = self.kube.items("v1", "Pod", NAMESPACE, f"app.kubernetes.io/instance={object_name(deployment)}")
        return [metadata.name(one) for one in found if not metadata.is_ending(one)]

    def kill(self, program: str) -> None:
        """kill -9; its supervisor restarts it."""
        pid = next(iter(pids(self.programs.folder / program)), 0)
        assert pid > 0, f"{program} does not run"
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def answers(self, host: str) -> bool:
        """Whether the Gateway leads requests of a host to somebody."""
        asked = urllib.request.Request(f"http://{self.entry}/", headers={"Host": host})
        with urllib.request.urlopen(asked, timeout=5) as answer:
            return answer.status == HTTPStatus.OK

    @contextmanager
    def cut_off(self) -> Iterator[None]:
        """The second node has no network until the block ends: its pods go on, and nobody reaches them."""
        cable = HostNode(self.provider.plane(self.spec.name), 1).cable
        linux_host.ip("link", "set", cable, "down")
        try:
            yield
        finally:
            linux_host.ip("link", "set", cable, "up")

    def not_ready(self) -> list[str]:
        """Nodes that the control plane has not heard of."""
        return [metadata.name(one) for one in self.kube.items("v1", "Node") if why_not(one, "Ready")]

    @contextmanager
    def under_load(self, folder: Path, host: str = "shop.example", rate: float = RATE) -> Iterator[Load]:
        """Kept and new connections with HTTP/1.1, and one with HTTP/2, until the block ends."""
        made, files = Load(), {kind: folder / kind for kind in ("kept", "new", "h2")}
        ours, theirs = (
            [sys.executable, "-m", name] for name in ("workers.demo.load_generator", "tests.support.h2c_load")
        )
        asked, tls = [self.entry, host], ["tls"] if self.trusted else []
        commands = {
            "kept": [*ours, *asked, f"{rate * 0.4:g}", str(files["kept"]), *tls],
            "new": [*ours, *asked, f"{rate * 0.4:g}", str(files["new"]), "new", *tls],
            "h2": [*theirs, *asked, f"{rate * 0.2:g}", str(files["h2"]), *tls],
        }
        env = {**os.environ, "PYTHONPATH": str(Path.cwd()), "SSL_CERT_FILE": str(self.trusted or "")}
        running = [subprocess.Popen(command, env=env) for command in commands.values()]
        try:
            yield made
        finally:
            for process in running:
                process.terminate()
            for process in running:
                process.wait(30)
        made.answers.update({kind: load.read(file) for kind, file in files.items()})
