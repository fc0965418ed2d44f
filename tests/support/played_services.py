"""Plain Services over the API server in memory: the proxy to a Service answers as one of its pods does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from activities.kubernetes.memory_objects import MemoryObjects, selected
from domain.clusters import metadata
from domain.core.documents import Manifest, Node
from domain.core.values import Json
from domain.releases.deploy_spec import DeploySpec
from domain.releases.deployment import Deployment
from domain.releases.kubernetes import naming
from domain.releases.kubernetes.place import KubernetesSpec, Place
from tests.support.clocks import SteppedClock

NAMESPACE = "prod"


class ServingApi(MemoryObjects):
    """`raw`: the proxy to Services."""

    def raw(self, path: str, query: Mapping[str, str] | None = None) -> str:
        name = path.split("/services/")[1].partition(":")[0]
        return ",".join(sorted(self.behind(name)))

    def behind(self, service: str) -> set[str]:
        """Instances of the pods that a Service chooses."""
        chosen = Node(self.get("v1", "Service", service, NAMESPACE)).need("spec", "selector").strings()
        labels = ",".join(f"{name}={value}" for name, value in chosen.items())
        pods = [one for one in self.items("v1", "Pod", NAMESPACE) if selected(one, labels)]
        return {metadata.labels(one)[naming.RELEASE].rpartition(".")[2] for one in pods}


@dataclass
class PlayedServices:
    """`release` makes a version run."""

    api: ServingApi = field(default_factory=ServingApi)
    clock: SteppedClock = field(default_factory=SteppedClock)

    def release(self, instance: str, port: int = 8080) -> Deployment:
        place = Place(cluster="c", namespace=NAMESPACE)
        spec = DeploySpec(
            service="shop", target="kubernetes", router="service", kubernetes=KubernetesSpec(place=place), port=port
        )
        made = Deployment(service="shop", environment="production", instance=instance, spec=spec)
        about: Manifest = {"name": naming.object_name(made), "namespace": NAMESPACE, "labels": naming.labels(made)}
        ports: list[Json] = [{"name": "http", "port": port, "targetPort": port}]
        pods: Manifest = {
            "metadata": {"labels": naming.labels(made)},
            "spec": {"containers": [{"name": "a", "image": "i"}]},
        }
        service: Manifest = {"selector": naming.selector(made), "ports": ports}
        workload: Manifest = {"replicas": 2, "template": pods}
        for kind, version, body in (("Service", "v1", service), ("Deployment", "apps/v1", workload)):
            self.api.apply({"apiVersion": version, "kind": kind, "metadata": about, "spec": body})
        return made
