"""HTTPRoutes of a service: rendered whole from the state of its traffic.

Source: https://gateway-api.sigs.k8s.io/reference/spec/#httproute

Two objects, since the hosts of a route are those of all its rules: `shop` for the service's host, `shop-preview` for
the preview host. In each, one rule answers with this state's sign: a probe can tell what a data plane has loaded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from domain.core.documents import Manifest
from domain.core.values import Json
from domain.releases.kubernetes.traffic import ANNOTATION, PARTS, Traffic, in_parts, sign, written

API = "gateway.networking.k8s.io/v1"
KIND = "HTTPRoute"
PORT = 80
_NO_PORTS: Mapping[str, int] = {}
SIGN_PATH = "/.sluiceway"
"""Below it every route answers with its sign."""
SIGN_DOMAIN = "sluiceway.invalid"
"""Of the redirect's host: it never resolves (RFC 6761, 6.4), and no service of anybody's redirects there."""
VERSION_HEADER = "x-sluiceway-version"
"""At the preview host: asks one version, whatever the weights."""
MIRROR, MIRROR_PERCENT = "HTTPRouteRequestMirror", "HTTPRouteRequestPercentageMirror"
RESPONSE_HEADERS = "HTTPRouteResponseHeaderModification"
BACKEND_HEADERS = "HTTPRouteBackendRequestHeaderModification"
"""Names of features: https://gateway-api.sigs.k8s.io/concepts/conformance/#2-support-levels"""
UNTOLD = {"istio.io/gateway-controller": frozenset({MIRROR, MIRROR_PERCENT, RESPONSE_HEADERS, BACKEND_HEADERS})}
"""By controllers whose classes tell no feature: what they report to have passed.

Source: https://github.com/kubernetes-sigs/gateway-api/tree/main/conformance/reports
"""


@dataclass(frozen=True, kw_only=True)
class Edge:
    """Where a service's requests come in, and what its routes may use there."""

    service: str
    namespace: str
    labels: Mapping[str, str] = field(default_factory=dict)
    """Of what belongs to the service in its environment, not to a release."""
    gateway: str
    """`NAMESPACE/NAME`."""
    host: str
    features: frozenset[str] = frozenset()
    """Of the Gateway's class."""
    ports: Mapping[str, int] = field(default_factory=dict)
    per_backend: bool = False
    """The router counts by backend only where a backend has a filter of its own."""

    @property
    def preview_host(self) -> str:
        """A label below the service's host."""
        return f"preview.{self.host}"

    def port_of(self, instance: str) -> int:
        """Of its Service."""
        return self.ports.get(instance, PORT)


@dataclass(frozen=True)
class Rendered:
    """A route and how to know that a data plane has loaded it."""

    manifest: Manifest
    host: str
    sign: str
    path: str
    """Exact path that answers with a redirect to `SIGN.SIGN_DOMAIN`."""


def service_of(service: str, instance: str, *, preview: bool = False) -> str:
    """Name of a version's Service: a second one for its preview, so that those requests are counted apart."""
    return f"{service}-{instance}{'-preview' if preview else ''}"


def routes(traffic: Traffic, edge: Edge, ports: Mapping[str, int] = _NO_PORTS) -> list[Rendered]:
    """The preview route first: it makes endpoints known to the data plane before the service's route names them.

    `ports`: instance to the port of its Service; `PORT` for one without an entry.
    """
    edge = replace(edge, ports=ports)
    made = [_rendered(f"{edge.service}-preview", edge.preview_host, _preview_rules(traffic, edge), traffic, edge)]
    if traffic.leads:
        made.append(_rendered(edge.service, edge.host, _rules(traffic, edge), traffic, edge))
    return made


def sign_path(route: str, said: str) -> str:
    """Where a route answers with its sign."""
    return f"{SIGN_PATH}/{route}-{said}"


def features(controller: str, told: Iterable[str]) -> frozenset[str]:
    """Of a class: what it tells, else what its controller is known for."""
    return frozenset(told) or UNTOLD.get(controller, frozenset())


def lacking(traffic: Traffic, features: frozenset[str]) -> list[str]:
    """Features that this state needs and the class does not have; empty: it can be rendered."""
    needed = []
    if traffic.mirror:
        needed.append(MIRROR)
        if in_parts(traffic.routing.mirror_percent) < PARTS:
            needed.append(MIRROR_PERCENT)
    if _sticks(traffic):
        needed += [RESPONSE_HEADERS, BACKEND_HEADERS]
    return [feature for feature in needed if feature not in features]


def _rendered(name: str, host: str, rules: list[Json], traffic: Traffic, edge: Edge) -> Rendered:
    said = sign(traffic)
    path = sign_path(name, said)
    space, _, gateway = edge.gateway.rpartition("/")
    manifest: Manifest = {
        "apiVersion": API,
        "kind": KIND,
        "metadata": {
            "name": name,
            "namespace": edge.namespace,
            "labels": dict(edge.labels),
            "annotations": {ANNOTATION: written(traffic)},
        },
        "spec": {
            "parentRefs": [{"name": gateway, "namespace": space or edge.namespace}],
            "hostnames": [host],
            "rules": [sign_rule(path, said), *rules],
        },
    }
    return Rendered(manifest, host, said, path)


def labels(service: str, environment: str) -> dict[str, Json]:
    """Of what belongs to a service and an environment, not to a release."""
    return {
        "app.kubernetes.io/name": service,
        "app.kubernetes.io/managed-by": "sluiceway",
        "sluiceway.dev/service": service,
        "sluiceway.dev/environment": environment,
    }


def sign_rule(path: str, said: str) -> Manifest:
    """Answers a path with a sign.

    A redirect is core: every implementation has it. An exact path wins over every other rule.
    """
    redirect: Manifest = {"hostname": f"{said}.{SIGN_DOMAIN}", "statusCode": 302}
    return _rule([{"path": {"type": "Exact", "value": path}}], filters=[_filter("RequestRedirect", redirect)])


def _rules(traffic: Traffic, edge: Edge) -> list[Json]:
    rules: list[Json] = []
    if traffic.preview:
        preview = [_backend(traffic.preview, edge, preview=True)]
        rules += [_rule([_prefix(headers=[match])], preview) for match in matches(traffic)]
    if _sticks(traffic):
        rules += [_rule([_prefix(headers=[_cookie(f"{_cookie_name(edge)}={name}")])], [_backend(name, edge)])
                  for name in _leading(traffic)]  # fmt: skip
    backends = [_backend(name, edge, parts, _sticks(traffic)) for name, parts in sorted(traffic.weights.items())]
    rules.append(_rule([_prefix()], backends, filters=_mirrored(traffic, edge)))
    return rules


def _preview_rules(traffic: Traffic, edge: Edge) -> list[Json]:
    rules: list[Json] = []
    for name in sorted(traffic.weights):
        asked: Manifest = {"type": "Exact", "name": VERSION_HEADER, "value": name}
        rules.append(_rule([_prefix(headers=[asked])], [_backend(name, edge)]))
    if traffic.preview:
        rules.append(_rule([_prefix()], [_backend(traffic.preview, edge, preview=True)]))
    return rules


def matches(traffic: Traffic) -> list[Json]:
    """Header matches of the preview: one for the header, one for the cookie of its routing."""
    found: list[Json] = []
    if traffic.routing.header:
        name, _, value = traffic.routing.header.partition(":")
        found.append({"type": "Exact", "name": name.strip(), "value": value.strip()})
    if traffic.routing.cookie:
        found.append(_cookie(traffic.routing.cookie))
    return found


def _cookie(pair: str) -> Manifest:
    """Anchored: some implementations match the whole value, others any part of it."""
    return {
        "type": "RegularExpression",
        "name": "Cookie",
        "value": rf"^(.*; ?)?{re.escape(pair)}(;.*)?$",
    }


def _sticks(traffic: Traffic) -> bool:
    """Both versions get a cookie, or none does: a cookie of one alone would draw all clients over time."""
    return traffic.routing.sticky and len(_leading(traffic)) > 1


def _leading(traffic: Traffic) -> list[str]:
    return sorted(name for name, parts in traffic.weights.items() if parts)


def _cookie_name(edge: Edge) -> str:
    return f"{edge.service}-version"


def _backend(name: str, edge: Edge, parts: int = 1, sticks: bool = False, *, preview: bool = False) -> Manifest:
    backend: Manifest = {
        "name": service_of(edge.service, name, preview=preview),
        "port": edge.port_of(name),
        "weight": parts,
    }
    filters: list[Json] = []
    if edge.per_backend and BACKEND_HEADERS in edge.features:
        filters.append(_filter("RequestHeaderModifier", _added("x-sluiceway-release", name)))
    if sticks and parts:
        cookie = f"{_cookie_name(edge)}={name}; Path=/; HttpOnly; SameSite=Lax"
        filters.append(_filter("ResponseHeaderModifier", _added("Set-Cookie", cookie)))
    if filters:
        backend["filters"] = filters
    return backend


def _mirrored(traffic: Traffic, edge: Edge) -> list[Json]:
    if not traffic.mirror:
        return []
    mirror: Manifest = {"backendRef": _plain(_backend(traffic.mirror, edge, preview=True))}
    percent = traffic.routing.mirror_percent
    if in_parts(percent) < PARTS:
        mirror["fraction"] = {"numerator": in_parts(percent), "denominator": PARTS}
    return [_filter("RequestMirror", mirror)]


def _plain(backend: Mapping[str, Json]) -> Manifest:
    """A mirror has neither weight nor filters."""
    return {key: backend[key] for key in ("name", "port")}


def _added(name: str, value: str) -> Manifest:
    return {"add": [{"name": name, "value": value}]}


def _filter(kind: str, value: Manifest) -> Manifest:
    return {"type": kind, kind[0].lower() + kind[1:]: value}


def _prefix(headers: list[Json] | None = None) -> Manifest:
    match: Manifest = {"path": {"type": "PathPrefix", "value": "/"}}
    return {**match, "headers": headers} if headers else match


def _rule(matches: list[Json], backends: list[Manifest] | None = None, filters: list[Json] | None = None) -> Manifest:
    rule: Manifest = {"matches": matches}
    if filters:
        rule["filters"] = filters
    if backends:
        rule["backendRefs"] = [*backends]
    return rule
