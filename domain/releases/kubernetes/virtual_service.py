"""VirtualServices of a service at a Gateway of Istio: rendered whole from the state of its traffic.

Source: https://istio.io/latest/docs/reference/config/networking/virtual-service/. Each version has a Service of its
own, so there are no subsets, and no DestinationRule has to be there first.
"""

from __future__ import annotations

import re

from domain.core.documents import Manifest
from domain.core.values import Json
from domain.releases.kubernetes.http_route import SIGN_DOMAIN, VERSION_HEADER, Edge, Rendered, service_of, sign_path
from domain.releases.kubernetes.traffic import ANNOTATION, Traffic, sign, written

API, KIND = "networking.istio.io/v1", "VirtualService"


def routes(traffic: Traffic, edge: Edge) -> list[Rendered]:
    """The preview's first: by it the data plane is asked for each version before it gets a weight."""
    made = [_rendered(f"{edge.service}-preview", edge.preview_host, _preview_rules(traffic, edge), traffic, edge)]
    if traffic.leads:
        made.append(_rendered(edge.service, edge.host, _rules(traffic, edge), traffic, edge))
    return made


def _rendered(name: str, host: str, rules: list[Json], traffic: Traffic, edge: Edge) -> Rendered:
    said = sign(traffic)
    path = sign_path(name, said)
    manifest: Manifest = {
        "apiVersion": API,
        "kind": KIND,
        "metadata": {
            "name": name,
            "namespace": edge.namespace,
            "labels": dict(edge.labels),
            "annotations": {ANNOTATION: written(traffic)},
        },
        "spec": {"hosts": [host], "gateways": [edge.gateway], "http": [_sign_rule(path, said), *rules]},
    }
    return Rendered(manifest, host, said, path)


def _sign_rule(path: str, said: str) -> Manifest:
    """The first rule that fits wins, so this one stands first."""
    redirect: Manifest = {"authority": f"{said}.{SIGN_DOMAIN}", "redirectCode": 302}
    return {"name": "sign", "match": [{"uri": {"exact": path}}], "redirect": redirect}


def _rules(traffic: Traffic, edge: Edge) -> list[Json]:
    rules: list[Json] = []
    if traffic.preview:
        preview: list[Json] = [_destination(traffic.preview, edge, preview=True)]
        rules += [{"match": [match], "route": preview} for match in _matches(traffic)]
    leading = sorted(name for name, parts in traffic.weights.items() if parts)
    sticks = traffic.routing.sticky and len(leading) > 1
    cookie = f"{edge.service}-version"
    for name in leading if sticks else ():
        rules.append({"match": [_cookie(f"{cookie}={name}")], "route": [_destination(name, edge)]})
    backends: list[Json] = []
    for name, parts in sorted(traffic.weights.items()):
        backend = {**_destination(name, edge), "weight": parts}
        if sticks and parts:
            value = f"{cookie}={name}; Path=/; HttpOnly; SameSite=Lax"
            backend["headers"] = {"response": {"add": {"set-cookie": value}}}
        backends.append(backend)
    rules.append({"name": "service", "route": backends, **_mirror(traffic, edge)})
    return rules


def _mirror(traffic: Traffic, edge: Edge) -> Manifest:
    if not traffic.mirror:
        return {}
    where = _destination(traffic.mirror, edge, preview=True)["destination"]
    return {"mirror": where, "mirrorPercentage": {"value": traffic.routing.mirror_percent}}


def _preview_rules(traffic: Traffic, edge: Edge) -> list[Json]:
    rules: list[Json] = []
    for name in sorted(traffic.weights):
        asked: Manifest = {"headers": {VERSION_HEADER: {"exact": name}}}
        rules.append({"match": [asked], "route": [_destination(name, edge)]})
    if traffic.preview:
        rules.append({"name": "preview", "route": [_destination(traffic.preview, edge, preview=True)]})
    return rules


def _matches(traffic: Traffic) -> list[Json]:
    found: list[Json] = []
    if traffic.routing.header:
        name, _, value = traffic.routing.header.partition(":")
        found.append({"headers": {name.strip().lower(): {"exact": value.strip()}}})
    if traffic.routing.cookie:
        found.append(_cookie(traffic.routing.cookie))
    return found


def _cookie(pair: str) -> Manifest:
    """RE2 over the whole value."""
    return {"headers": {"cookie": {"regex": rf"^(.*; ?)?{re.escape(pair)}(;.*)?$"}}}


def _destination(name: str, edge: Edge, *, preview: bool = False) -> Manifest:
    host = f"{service_of(edge.service, name, preview=preview)}.{edge.namespace}.svc.cluster.local"
    return {"destination": {"host": host, "port": {"number": edge.port_of(name)}}}
