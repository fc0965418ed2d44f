"""A mesh over the API server in memory: one proxy, that of the probe pod, counts and decides for all clients."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from activities.kubernetes.client import MANAGER
from activities.releases.cluster_traffic.data_plane import RouterAddress
from activities.releases.routers.linkerd.router import IN_THE_MESH, LinkerdRouter
from activities.releases.routers.port import Answer
from domain.clusters import metadata
from domain.core.documents import Manifest, Node, Object
from domain.releases.deployment import Deployment
from domain.releases.spec import Routing
from tests.support.played_gateway import NAMESPACE, PlayedApi, PlayedGateway, Process, Rule, rules_of

PROBE, CLIENT = f"{NAMESPACE}/shop-probe", "client"


class MeshApi(PlayedApi):
    """Gives each new pod a proxy, unless told otherwise, and starts it."""

    proxied: bool = True
    starts: bool = True

    def apply(self, manifest: Object, dry_run: bool = False, *, manager: str = MANAGER, force: bool = True) -> Object:
        made = super().apply(manifest, dry_run, manager=manager, force=force)
        if manifest["kind"] == "Pod" and self.starts:
            own = [one.object() for one in Node(made).at("spec", "containers")]
            spec: Manifest = {"containers": [*own, {"name": "linkerd-proxy"}] if self.proxied else own}
            status: Manifest = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
            about = metadata.name(made), {"spec": spec, "status": status}, metadata.namespace(made)
            self.edit("Pod", *about, manager="mesh")
        return made

    def _act(self, namespace: str) -> None:
        """Pods that no Deployment has made stay."""
        pods = {key: one for key, one in self._objects.items() if key[0] == "Pod"}
        super()._act(namespace)
        self._objects.update(pods)


@dataclass
class PlayedMesh(PlayedGateway):
    """`router` has a real probe's life, and this mesh's answers."""

    api: MeshApi = field(default_factory=MeshApi)

    def __post_init__(self) -> None:
        self.processes = {PROBE: Process(4)}
        labels = {IN_THE_MESH: "linkerd"}
        about: Manifest = {"name": CLIENT, "namespace": NAMESPACE, "labels": labels}
        spec: Manifest = {"containers": [{"name": "main", "image": "i"}]}
        self.api.apply({"apiVersion": "v1", "kind": "Pod", "metadata": about, "spec": spec})

    def router(self) -> LinkerdRouter:
        return LinkerdRouter(lambda name: self.api, self.plane, lambda kube: self.request)

    def deployment(self, instance: str, routing: Routing | None = None, gateway_name: str = "edge") -> Deployment:
        made = super().deployment(instance, routing, gateway_name)
        assert made.spec.kubernetes
        place = replace(made.spec.kubernetes.place, gateway="", host="", probe="busybox@sha256:1")
        return replace(
            made, spec=replace(made.spec, router="linkerd", kubernetes=replace(made.spec.kubernetes, place=place))
        )

    async def request(self, to: RouterAddress, host: str, path: str, version: str = "") -> Answer:
        if self.api.get("v1", "Pod", "shop-probe", NAMESPACE) is None:
            return Answer(error="there is no probe pod")
        answer = await super().request(to, host, path, version)
        if answer.status == 200:
            where = f'dst_service="{answer.text}",dst_namespace="{NAMESPACE}"'
            self.api.counted[CLIENT, f'response_total{{direction="outbound",status_code="200",{where}}}'] += 1
        return answer

    def rules(self, route: Object) -> tuple[list[str], list[Rule]]:
        """A mesh ignores hosts: its route's is that of its parent."""
        parents = [one["name"].text() for one in Node(route).at("spec", "parentRefs")]
        return [f"{name}.{NAMESPACE}.svc" for name in parents], rules_of(route)[1]
