"""How requests reached the service: its Services, and the route that named a Gateway and a host."""

from __future__ import annotations

from domain.core.documents import Manifest
from domain.core.values import Json
from domain.releases.imports.draft import Draft
from domain.releases.imports.ledger import Kind, Place
from domain.releases.imports.workload import find, named

_PORT = ("name", "port", "targetPort", "protocol", "appProtocol")
_ROUTED = "the route of a service is the environment's: its host, and each version's share"
_ELSEWHERE = "a route of your own in front of the Gateway, or a Gateway that does it for all"
_LABELS = "pods of releases do not have the labels that it selects by, so it would find none of them"
_CALL = "call the service by its host at the Gateway, also from inside; with router service by the Service of its name"
_TAKEN = "the release's own one would have this name, and two would set it"
_OTHER_NAME = "another name by --service, until clients have moved; or delete it first"
OF_SERVICE = {
    "metadata.labels": (Kind.NOTE, "each release has a Service of its own", ""),
    "metadata.annotations": (Kind.LOSS, "Services of releases have no annotations of their source", ""),
    "spec.type": (Kind.LOSS, "a release's Service is reached through its route", "the Gateway's own Service is it"),
    "spec.sessionAffinity": (Kind.LOSS, "clients are kept by the route", "routing: {sticky: true}"),
    "spec.clusterIP": (Kind.NOTE, "the server sets it", ""),
    "spec.clusterIPs": (Kind.NOTE, "the server sets it", ""),
    "spec.ipFamilies": (Kind.NOTE, "the server sets it", ""),
    "spec.ipFamilyPolicy": (Kind.NOTE, "the server sets it", ""),
    "spec.internalTrafficPolicy": (Kind.LOSS, "Services of releases have the cluster's default", ""),
}
OF_ROUTE = {
    "metadata": (Kind.NOTE, "the release makes its own route", ""),
    "spec.parentRefs": (Kind.LOSS, "an environment has one Gateway", "a second environment"),
    "spec.hostnames": (Kind.LOSS, "a service has one host", "a second environment, or a redirect"),
    "spec.hosts": (Kind.LOSS, "a service has one host", "a second environment, or a redirect"),
    "spec.gateways": (Kind.LOSS, "an environment has one Gateway", "a second environment"),
    "spec.rules.*.backendRefs": (Kind.NOTE, "the versions are the release's", ""),
    "spec.rules.*.http.paths.*.backend": (Kind.NOTE, "the versions are the release's", ""),
    "spec.http.*.route": (Kind.NOTE, "the versions are the release's", ""),
    "spec.http.*.name": (Kind.NOTE, "the route of a release has names of its own", ""),
    "spec.rules": (Kind.LOSS, _ROUTED, _ELSEWHERE),
    "spec.http": (Kind.LOSS, _ROUTED, _ELSEWHERE),
    "spec.tls": (Kind.LOSS, "TLS ends at the Gateway", "a listener of the Gateway with its certificate"),
    "spec.ingressClassName": (Kind.LOSS, "a release is behind a Gateway", "a Gateway of your implementation"),
}


def add_service(draft: Draft, name: str, index: int = 0) -> None:
    """The port of the service, by the Service of its live version; else by its container."""
    place = find(draft, "Service", name)
    if place is None:
        _port_of_container(draft, name, index)
        return
    ports: list[Json] = []
    for one in place["spec"]["ports"].items():
        if not ports and is_port(one["port"]):
            ports.append({key: one[key].take() for key in _PORT if one[key]})
            draft.deploy["port"] = one["port"].node.whole()
        one.lose("a release's Service has one port", "a service of its own for the other port")
    if draft.router == "service" and name == draft.service:
        place["spec"]["selector"].lose(_TAKEN, _OTHER_NAME)
    else:
        place["spec"]["selector"].lose(_LABELS, _CALL)
    place.rest(OF_SERVICE)
    if ports:
        made: Manifest = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}}
        draft.objects.append((place.index, {**made, "spec": {"ports": ports}}))


def is_port(place: Place) -> bool:
    """Whether it is the number of a port."""
    return 1 <= place.node.number() <= 65535 and isinstance(place.node.value, int)


def _port_of_container(draft: Draft, name: str, index: int) -> None:
    place = draft.ledger.roots()[index]
    shown = f"the Service {name[:63]}" if name else "the Service"
    guess = "deploy: {port: …}; write the port that the pods answer on"
    place.lack(f"{shown} is not among the objects, so the port is not known", guess)


def other_service(draft: Draft, name: str) -> None:
    """The Service of the version that is not live yet: each release has one of its own."""
    if (place := find(draft, "Service", name)) is not None:
        place["spec"].note("each release has a Service of its own")
        place["metadata"].note("each release has a Service of its own")


def find_route(draft: Draft, services: set[str], names: set[str]) -> bool:
    """Gateway and host by the first route that leads to one of the Services, or has one of the names."""
    for place in draft.ledger.roots():
        kind = place.look("kind")
        if kind in _READERS and (place.look("metadata", "name") in names or _leads(place, services)):
            named(place, by_name=False)
            if place.look("metadata", "name") == draft.service and kind == _OWN.get(draft.router):
                place["metadata"]["name"].lose(_TAKEN, _OTHER_NAME)
            _READERS[kind](draft, place)
            place.rest(OF_ROUTE)
            return True
    return False


def _leads(place: Place, services: set[str]) -> bool:
    spec = place["spec"]
    found = [ref.look("name") for rule in spec["rules"].items() for ref in rule["backendRefs"].items()]
    paths = [path for rule in spec["rules"].items() for path in rule["http"]["paths"].items()]
    found += [one["backend"]["service"].look("name") for one in paths]
    found.append(spec["defaultBackend"]["service"].look("name"))
    ends = [one for http in spec["http"].items() for one in http["route"].items()]
    found += [one["destination"].look("host").partition(".")[0] for one in ends]
    return bool(services & {one for one in found if one})


def _of_http_route(draft: Draft, place: Place) -> None:
    for parent in place["spec"]["parentRefs"].items()[:1]:
        set_gateway(draft, parent["name"], parent["namespace"], place)
        parent["sectionName"].lose("a route is bound to the whole Gateway")
        parent["port"].lose("a route is bound to the whole Gateway")
        for key in ("group", "kind"):
            parent[key].note("it is a Gateway")
    for host in place["spec"]["hostnames"].items()[:1]:
        set_host(draft, host)
    for rule in place["spec"]["rules"].items():
        for match in rule["matches"].items():
            if match.node["path"]["value"].text("/") == "/" and len(match.node.object()) == 1:
                match.note("all requests of the host are the service's")


def _of_virtual_service(draft: Draft, place: Place) -> None:
    if draft.router == "istio":
        for gateway in place["spec"]["gateways"].items()[:1]:
            set_istio_gateway(draft, gateway, place)
    for host in place["spec"]["hosts"].items()[:1]:
        set_host(draft, host)


def _of_ingress(draft: Draft, place: Place) -> None:
    for rule in place["spec"]["rules"].items()[:1]:
        set_host(draft, rule["host"])
        for path in rule["http"]["paths"].items():
            if path.node["path"].text("/") == "/":
                path["path"].note("all requests of the host are the service's")
                path["pathType"].note("all requests of the host are the service's")
    place["metadata"]["annotations"].lose("they are for the controller of the Ingress", _ELSEWHERE)


_OWN = {"gateway-api": "HTTPRoute", "istio": "VirtualService"}
_READERS = {"HTTPRoute": _of_http_route, "VirtualService": _of_virtual_service, "Ingress": _of_ingress}


def set_gateway(draft: Draft, name: Place, space: Place, route: Place) -> None:
    """`NAMESPACE/NAME` of a reference; without a namespace it is in the route's."""
    found = f"{space.look() or route.look('metadata', 'namespace') or draft.namespace}/{name.look()}"
    if draft.options.gateway:
        for place in (name, space):
            place.note("--gateway says another one")
    elif is_gateway(found):
        draft.gateway = found
        for place in (name, space):
            place.take()
    else:
        name.lose("it is no Gateway of Gateway API")


def set_istio_gateway(draft: Draft, place: Place, route: Place) -> None:
    """`NAMESPACE/NAME`, or a name in the route's namespace; `mesh` is none."""
    text = place.look()
    found = text if "/" in text else f"{route.look('metadata', 'namespace') or draft.namespace}/{text}"
    if text == "mesh" or not is_gateway(found) or draft.options.gateway:
        place.lose("traffic is weighted at one Gateway, not in the mesh", "gateway of the environment, or --gateway")
        return
    draft.gateway = found
    place.take()


def is_gateway(text: str) -> bool:
    """Whether an environment can have it."""
    space, _, name = text.partition("/")
    plain = "abcdefghijklmnopqrstuvwxyz0123456789-"
    return bool(space and name) and set(space) <= set(plain) and set(name) <= set(plain + ".")


def set_host(draft: Draft, place: Place) -> None:
    """The host, with the service's name as a placeholder where it is the first part of it."""
    text = place.look()
    if not text or draft.options.host or not set(text) <= set("abcdefghijklmnopqrstuvwxyz0123456789-."):
        place.lose("a service has one host, in lower case and without wildcards", "host of the environment, or --host")
        return
    first, dot, rest = text.partition(".")
    draft.host = f"{{service}}.{rest}" if dot and first == draft.service else text
    place.take()
