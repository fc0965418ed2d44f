"""A Gateway's controller and its router processes, over the API server in memory: accepted at once, loaded later."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from activities.kubernetes.client import MANAGER
from activities.kubernetes.memory_objects import MemoryObjects
from activities.releases.cluster_traffic.data_plane import DataPlane, RouterAddress
from activities.releases.routers.port import Answer
from domain.clusters import metadata
from domain.clusters.beside import gateway
from domain.core.documents import Manifest, Node, Object
from domain.releases.deploy_spec import DeploySpec
from domain.releases.deployment import Deployment
from domain.releases.kubernetes import http_route, naming
from domain.releases.kubernetes.place import KubernetesSpec, Place
from domain.releases.spec import RolloutSpec, Routing
from tests.support.clocks import SteppedClock

NAMESPACE = "prod"
FEATURES = (http_route.RESPONSE_HEADERS, http_route.BACKEND_HEADERS)


class PlayedApi(MemoryObjects):
    """Its controller says `Accepted` of a route in the moment in which it is written."""

    def __init__(self) -> None:
        super().__init__()
        self.counted: Counter[tuple[str, str]] = Counter()
        """Requests by process and series."""

    refusing: str = ""
    """Why it does not accept routes; empty: it does."""

    def apply(self, manifest: Object, dry_run: bool = False, *, manager: str = MANAGER, force: bool = True) -> Object:
        made = super().apply(manifest, dry_run, manager=manager, force=force)
        if manifest["kind"] == http_route.KIND and not dry_run:
            generation = Node(made).at("metadata", "generation").whole()
            conditions: list[Manifest] = [
                {
                    "type": kind,
                    "status": "False" if self.refusing else "True",
                    "reason": self.refusing,
                    "observedGeneration": generation,
                }
                for kind in ("Accepted", "ResolvedRefs")
            ]
            parent = {"parentRef": Node(made).at("spec", "parentRefs").first().value, "conditions": conditions}
            status: Manifest = {"parents": [parent]}
            name, space = metadata.name(made), metadata.namespace(made)
            self.edit(http_route.KIND, name, {"status": status}, space, manager="controller")
        return made

    def raw(self, path: str, query: Mapping[str, str] | None = None) -> str:
        """The page of a router process, through the proxy to its pod."""
        counted = [(name, count) for (process, name), count in self.counted.items() if f"/{process}:" in path]
        return "".join(f"{name} {count}\n" for name, count in counted)


@dataclass(frozen=True)
class Rule:
    """What both kinds of route say: an exact path, headers, and a redirect's host or backends with weights."""

    path: str
    headers: dict[str, str]
    redirect: str
    backends: list[tuple[str, int]]


def rules_of(route: Object) -> tuple[list[str], list[Rule]]:
    """Hosts and rules of an HTTPRoute or a VirtualService."""
    spec = Node(route)["spec"]
    if spec["rules"]:
        return spec["hostnames"].texts(), [_of_http_route(one) for one in spec.need_list("rules")]
    return spec["hosts"].texts(), [_of_virtual_service(one) for one in spec.need_list("http")]


def _of_http_route(rule: Node) -> Rule:
    (match,) = rule.need_list("matches")
    path = match.need_text("path", "value") if match.at("path", "type").text() == "Exact" else ""
    headers = {one.need_text("name"): one.need_text("value") for one in match["headers"]}
    redirects = [one.need_text("requestRedirect", "hostname") for one in rule["filters"] if one["requestRedirect"]]
    backends = [(one.need_text("name"), one.need_whole("weight")) for one in rule["backendRefs"]]
    return Rule(path, headers, "".join(redirects[:1]), backends)


def _of_virtual_service(rule: Node) -> Rule:
    (match,) = rule["match"] or [Node()]
    headers = {name: next(how.fields())[1].text() for name, how in match["headers"].fields()}
    backends = [
        (one.need_text("destination", "host").partition(".")[0], one["weight"].whole(1)) for one in rule["route"]
    ]
    return Rule(match.at("uri", "exact").text(), headers, rule.at("redirect", "authority").text(), backends)


@dataclass(frozen=True)
class Known:
    """What is in the API of a namespace: routes of one kind without their status, and names of Services."""

    routes: tuple[Object, ...] = ()
    services: frozenset[str] = frozenset()


@dataclass
class Process:
    """One router process: it loads what the API has after it was asked `lag` times since."""

    lag: int
    loaded: Known = Known()
    seen: Known = Known()
    left: int = 0

    def asked(self, now: Known) -> None:
        if now != self.seen:
            self.seen, self.left = now, self.lag
        if self.left == 0:
            self.loaded = self.seen
        self.left -= 1


def _traefik(service: str, own: bool, route: str) -> str:
    """The series of a request, as Traefik names it."""
    route = route if own else f"{route}-preview"
    name = f"httproute-prod-{route}-gw-sluiceway-edge-ep-web-1-5f-svc-prod-{service}-0@kubernetesgateway"
    return f'traefik_service_requests_total{{code="200",method="GET",protocol="http",service="{name}"}}'


def _istio(service: str, own: bool, route: str) -> str:
    where = f'destination_service_name="{service}",destination_service_namespace="prod"'
    return f'istio_requests_total{{reporter="source",response_code="200",{where}}}'


@dataclass
class PlayedGateway:
    """`lags`: of each process, in requests."""

    lags: tuple[int, ...] = (0, 7, 3)
    api: PlayedApi = field(default_factory=PlayedApi)
    service: str = "shop"
    kind: str = http_route.KIND
    clock: SteppedClock = field(default_factory=SteppedClock)
    colds: list[str] = field(default_factory=list)
    """Requests to a service's own host that met a version whose endpoints the process did not know."""

    def __post_init__(self) -> None:
        self.processes = {f"10.1.0.{n}": Process(lag) for n, lag in enumerate(self.lags)}
        for one in gateway.objects("traefik", "10.1.0.0", 80, 9100):
            self.api.apply(one)
        self.features(*FEATURES)
        self.programmed("True")
        slice_: Manifest = {
            "endpoints": [
                {"addresses": [each], "conditions": {"ready": True}, "targetRef": {"kind": "Pod", "name": f"p-{each}"}}
                for each in self.processes
            ]
        }
        self.api.edit("EndpointSlice", gateway.NAME, slice_, gateway.NAMESPACE, manager="test")

    def features(self, *names: str) -> None:
        status = {"status": {"supportedFeatures": [{"name": name} for name in names]}}
        self.api.edit("GatewayClass", "traefik", status, manager="controller")

    def programmed(self, status: str) -> None:
        conditions = {"status": {"conditions": [{"type": "Programmed", "status": status, "reason": "Invalid"}]}}
        self.api.edit("Gateway", gateway.NAME, conditions, gateway.NAMESPACE, manager="controller")

    @property
    def plane(self) -> DataPlane:
        return DataPlane(self.request, self.clock, limit_s=5)

    def deployment(self, instance: str, routing: Routing | None = None, gateway_name: str = "edge") -> Deployment:
        place = Place(
            cluster="c", namespace=NAMESPACE, gateway=f"{gateway.NAMESPACE}/{gateway_name}", host="{service}.example"
        )
        spec = DeploySpec(
            service=self.service,
            target="kubernetes",
            router="gateway-api",
            kubernetes=KubernetesSpec(place=place),
            rollout=RolloutSpec(routing=routing or Routing()),
        )
        return Deployment(service=self.service, environment="production", instance=instance, spec=spec)

    def release(self, instance: str, routing: Routing | None = None, gateway_name: str = "edge") -> Deployment:
        made = self.deployment(instance, routing, gateway_name)
        meta: Manifest = {"name": naming.object_name(made), "namespace": NAMESPACE, "labels": naming.labels(made)}
        spec: Manifest = {
            "selector": naming.selector(made),
            "ports": [{"name": "http", "port": 8080, "targetPort": "http"}],
        }
        self.api.apply({"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": spec})
        return made

    async def request(self, to: RouterAddress, host: str, path: str, version: str = "") -> Answer:
        """As a process that has loaded the routes of some moments ago answers."""
        process = self.processes.get(to.host)
        if process is None:
            return Answer(error="no route to host")
        routes = tuple({"spec": one["spec"]} for one in self.api.items("", self.kind, NAMESPACE))
        services = frozenset(map(metadata.name, self.api.items("", "Service", NAMESPACE)))
        process.asked(Known(routes, services))
        answer = self._answer(process.loaded, host, path, version)
        if answer.status == 200:
            own = host == f"{self.service}.example"
            named = (_istio if self.kind == "VirtualService" else _traefik)(answer.text, own, self.service)
            self.api.counted[f"p-{to.host}", named] += 1
        return answer

    def _answer(self, loaded: Known, host: str, path: str, version: str) -> Answer:
        """The rules of all routes of a host count as one list; an exact path wins over every other rule."""
        read = [self.rules(one) for one in loaded.routes]
        rules = [rule for hosts, every in read if host in hosts for rule in every]
        return self._by_rules(loaded, sorted(rules, key=lambda rule: not rule.path), host, path, version)

    def _by_rules(self, loaded: Known, rules: list[Rule], host: str, path: str, version: str) -> Answer:
        for rule in rules:
            if (rule.path and rule.path != path) or any(value != version for value in rule.headers.values()):
                continue
            if rule.redirect:
                return Answer(302, f"http://{rule.redirect}{path}")
            leading = [name for name, weight in rule.backends if weight]
            if leading[-1] not in loaded.services:
                self.colds.append(f"{host} {leading[-1]}")
                return Answer(503)
            return Answer(200, leading[-1])
        return Answer(404)

    def rules(self, route: Object) -> tuple[list[str], list[Rule]]:
        """Hosts and rules of a route, as this data plane reads them."""
        return rules_of(route)

    async def everywhere(self, host: str = "shop.example") -> set[str]:
        """Who answers, of every process as it is in this moment."""
        return {self._answer(one.loaded, host, "/", "").text for one in self.processes.values()}


ISTIO: Manifest = {
    "apiVersion": "networking.istio.io/v1",
    "kind": "Gateway",
    "metadata": {"name": "public", "namespace": gateway.NAMESPACE},
    "spec": {
        "selector": {"istio": "ingressgateway"},
        "servers": [{"port": {"number": 80, "name": "http", "protocol": "HTTP"}, "hosts": ["*.example"]}],
    },
}


def played_istio() -> PlayedGateway:
    """The same processes as the pods of an Istio Gateway."""
    played = PlayedGateway(kind="VirtualService")
    played.api.apply(ISTIO)
    chosen = {"spec": {"selector": {"istio": "ingressgateway"}}}
    played.api.edit("Service", gateway.NAME, chosen, gateway.NAMESPACE, manager="test")
    slice_ = {"metadata": {"labels": {"kubernetes.io/service-name": gateway.NAME}}}
    played.api.edit("EndpointSlice", gateway.NAME, slice_, gateway.NAMESPACE, manager="test")
    return played
