"""Traefik as a Gateway API controller on a real API server, without nodes: endpoints are servers of this process."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from activities.kubernetes.client import Kube
from activities.supervisor.service import free_port
from domain.clusters.beside import gateway
from domain.core.documents import Manifest, Node, Object
from domain.releases.deploy_spec import DeploySpec
from domain.releases.deployment import Deployment
from domain.releases.kubernetes import naming
from domain.releases.kubernetes.place import KubernetesSpec, Place
from domain.releases.spec import RolloutSpec, Routing
from domain.triggers.source import SourceRef
from tests.support.made_clusters import Made
from tests.support.patience import patient
from tests.support.version_servers import VersionServer

GATEWAY_API = "gateway.networking.k8s.io/v1"
NAMESPACE = "prod"


@dataclass
class GatewayLab:
    """A namespace with a Gateway; `release` makes a version of a service answer."""

    cluster: Made
    service: str
    port: int
    counters_port: int
    router: str = "gateway-api"
    kinds: tuple[tuple[str, str], ...] = ((GATEWAY_API, "HTTPRoute"),)
    """API version and kind of the routes that releases may have here."""
    servers: dict[str, list[VersionServer]] = field(default_factory=dict)

    @property
    def kube(self) -> Kube:
        return self.cluster.kube

    @property
    def host(self) -> str:
        return f"{self.service}.example"

    def deployment(self, instance: str, routing: Routing | None = None) -> Deployment:
        place = Place(
            cluster=self.cluster.name,
            namespace=NAMESPACE,
            gateway=f"{gateway.NAMESPACE}/{gateway.NAME}",
            host="{service}.example",
        )
        return Deployment(
            service=self.service,
            environment="production",
            instance=instance,
            spec=DeploySpec(
                service=self.service,
                version=instance,
                target="kubernetes",
                router=self.router,
                kubernetes=KubernetesSpec(place=place),
                rollout=RolloutSpec(routing=routing or Routing()),
            ),
            source=SourceRef(),
        )

    def release(self, instance: str, count: int = 2, routing: Routing | None = None) -> Deployment:
        """Its Service with endpoints that answer with the instance's name."""
        made = self.deployment(instance, routing)
        self.servers[instance] = [VersionServer(instance, address()) for _ in range(count)]
        for service in (f"{self.service}-{instance}", f"{self.service}-{instance}-preview"):
            self.kube.apply(_service(service, made))
            self._publish(service, instance)
        return made

    def take_away(self, instance: str) -> None:
        """Its processes end at once, and its endpoints are empty."""
        for server in self.servers.pop(instance, []):
            server.kill()
        for service in (f"{self.service}-{instance}", f"{self.service}-{instance}-preview"):
            self._publish(service, instance)

    def end(self) -> None:
        for instance in list(self.servers):
            self.take_away(instance)
        for api_version, kind in self.kinds:
            for name in (self.service, f"{self.service}-preview"):
                self.kube.delete(api_version, kind, name, NAMESPACE)

    def _publish(self, service: str, instance: str) -> None:
        for index, server in enumerate(self.servers.get(instance, [None])):
            endpoints: list[Manifest] = []
            if server:
                endpoints = [{"addresses": [server.address], "conditions": {"ready": True}}]
            port = server.port if server else 1
            self.kube.apply(
                {
                    "apiVersion": "discovery.k8s.io/v1",
                    "kind": "EndpointSlice",
                    "metadata": {
                        "name": f"{service}-{index}",
                        "namespace": NAMESPACE,
                        "labels": {"kubernetes.io/service-name": service},
                    },
                    "addressType": "IPv4",
                    "endpoints": endpoints,
                    "ports": [{"name": "http", "port": port, "protocol": "TCP"}],
                }
            )
        if instance not in self.servers:
            self.kube.delete("discovery.k8s.io/v1", "EndpointSlice", f"{service}-1", NAMESPACE)


def _service(name: str, of: Deployment) -> dict:
    """Without a selector: the endpoints are written by hand."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": NAMESPACE, "labels": naming.labels(of)},
        "spec": {"ports": [{"name": "http", "port": of.spec.port, "targetPort": 80}]},
    }


def address() -> str:
    """One of this machine's that is not loopback: endpoints may not be there."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        return probe.getsockname()[0]


@contextmanager
def gateway_lab(cluster: Made, tools: Path, folder: Path, *, throttle: str = "100ms") -> Iterator[GatewayLab]:
    """Traefik over this cluster, with its Gateway programmed."""
    kube, port, counters_port = cluster.kube, free_port(), free_port()
    for file in sorted((tools / "gateway-api-v1.5.1").glob("*.yaml")):
        for one in yaml.safe_load_all(file.read_text()):
            if one and one["kind"] == "CustomResourceDefinition":
                kube.apply(one)
    kube.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    kube.kinds()
    with ExitStack() as stack:
        stack.enter_context(traefik(cluster, folder, port, counters_port, throttle))
        _gateway(kube, port, counters_port)
        yield GatewayLab(cluster, "shop", port, counters_port)


def _gateway(kube: Kube, port: int, counters_port: int) -> None:
    until(lambda: any(kind == "HTTPRoute" for _, kind in kube.kinds()))
    for one in gateway.objects("traefik", address(), port, counters_port):
        kube.apply(one)
    until(lambda: _is_programmed(kube.get(GATEWAY_API, "Gateway", gateway.NAME, gateway.NAMESPACE)))


def _is_programmed(found: Object | None) -> bool:
    conditions = Node(found).at("status", "conditions")
    return any(one["type"].text() == "Programmed" and one["status"].text() == "True" for one in conditions)


def until(check: Callable[[], bool], limit_s: float = 60) -> None:
    deadline = time.monotonic() + patient(limit_s)
    while not check():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


@contextmanager
def traefik(cluster: Made, folder: Path, port: int, counters_port: int, throttle: str) -> Iterator[subprocess.Popen]:
    folder.mkdir(parents=True, exist_ok=True)
    kubeconfig = cluster.access.reference.removeprefix("file:")
    static = {
        "entryPoints": {"web": {"address": f":{port}"}, "metrics": {"address": f":{counters_port}"}},
        "providers": {
            "providersThrottleDuration": throttle,
            "kubernetesGateway": {"statusAddress": {"ip": address()}},
        },
        "metrics": {
            "prometheus": {"entryPoint": "metrics", "addServicesLabels": True, "buckets": [0.05, 0.1, 0.5, 1, 5]}
        },
        "global": {"checkNewVersion": False, "sendAnonymousUsage": False},
        "log": {"level": "INFO"},
    }
    (folder / "traefik.yaml").write_text(yaml.safe_dump(static))
    with (folder / "traefik.log").open("w") as log:
        process = subprocess.Popen(
            [str(Path(sys.executable).with_name("traefik")), f"--configFile={folder}/traefik.yaml"],
            env={"PATH": os.environ["PATH"], "HOME": str(folder), "KUBECONFIG": kubeconfig},
            stdout=log,
            stderr=log,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()
