"""The HTTPRoute that led to what is imported: whether a release's route can stand for it, and how it comes back.

Two routes with the same matches may stand beside each other: both lead to the same pods, so it makes no difference
which of them a router follows. So the new one is in force first, and the former one goes afterwards.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator

from domain.clusters import metadata
from domain.core.digests import sha256
from domain.core.documents import Manifest, Node, Object
from domain.releases.kubernetes import http_route
from domain.releases.kubernetes.http_route import Rendered
from domain.releases.kubernetes.place import Place

MOST = 16_384
"""Characters of a route that is kept for the way back."""
_PLAIN = ("name", "namespace", "labels", "annotations")
_EVERYTHING = {"type": "PathPrefix", "value": "/"}


def at_host(routes: Collection[Object], place: Place, host: str) -> list[str]:
    """Names of the routes that take requests for a host at the environment's Gateway, sorted."""
    return sorted(metadata.name(one) for one in routes if _takes(Node(one), place, host))


def _takes(route: Node, place: Place, host: str) -> bool:
    hosts = route.at("spec", "hostnames").texts()
    return _is_at(route, place) and (not hosts or host in hosts)


def _is_at(route: Node, place: Place) -> bool:
    space, _, name = place.gateway.rpartition("/")
    own = route.at("metadata", "namespace").text(place.namespace)
    wanted = (space or place.namespace, name)
    return any((one["namespace"].text(own), one["name"].text()) == wanted for one in route.at("spec", "parentRefs"))


def complaints(route: Object, place: Place, host: str, services: Collection[str]) -> Iterator[str]:
    """What of a route the release's own could not stand for. `services`: those that lead to the Deployment alone."""
    said = Node(route)
    if not _is_at(said, place):
        yield f"it is not at the Gateway {place.gateway}"
    if said.at("spec", "hostnames").texts() != [host]:
        yield f"its hostnames are not {host} alone"
    rules = list(said.at("spec", "rules"))
    if len(rules) != 1:
        yield f"it has {len(rules)} rules, and a release's route has one for all requests"
        return
    extra = sorted(set(rules[0].object()) - {"matches", "backendRefs", "name"})
    if extra:
        yield f"its rule has {', '.join(extra)[:100]}, which a release's route does not have"
    if [one.object() for one in rules[0]["matches"]] not in ([], [{"path": _EVERYTHING}]):
        yield "its rule does not take all requests"
    if len(kept(route)) > MOST:
        yield f"it has more than {MOST} characters"
    backends = list(rules[0]["backendRefs"])
    led = [one["name"].text() for one in backends if one["kind"].text("Service") == "Service"]
    if len(backends) != 1 or backends[0]["filters"] or not set(led) & set(services):
        yield f"it does not lead to one of {', '.join(services) or 'no Service'} alone"


def kept(route: Object) -> str:
    """What is needed to make it again, as JSON; nothing that the server adds."""
    said = Node(route)
    about = {key: said["metadata"][key].value for key in _PLAIN if said["metadata"][key]}
    made = {"apiVersion": http_route.API, "kind": http_route.KIND, "metadata": about, "spec": said["spec"].object()}
    return json.dumps(made, sort_keys=True)


def again(text: str) -> Manifest | None:
    """What `kept` wrote; None: nothing was."""
    found = json.loads(text) if text else None
    return dict(Node(found).object()) if found else None


def stand_in(route: Object, name: str) -> Manifest:
    """The same route under another name."""
    said = Node(route)
    about = {"name": name, "namespace": said.at("metadata", "namespace").text()}
    return {"apiVersion": http_route.API, "kind": http_route.KIND, "metadata": about, "spec": said["spec"].object()}


def signed(route: Object) -> Rendered:
    """The route with a rule more, which answers with its sign: who gets that has asked a router that has loaded it."""
    said = Node(route)
    name, sign = metadata.name(route), f"kept-{sha256(kept(route).encode())[:12]}"
    path = http_route.sign_path(name, sign)
    rules = [http_route.sign_rule(path, sign), *(one.value for one in said.at("spec", "rules"))]
    manifest: Manifest = {**route, "spec": {**said["spec"].object(), "rules": rules}}
    return Rendered(manifest, said.at("spec", "hostnames").first().text(), sign, path)
