"""A NetworkPolicy as Kubernetes writes it, from its row: for people to read, and not to apply where it was cut."""

from __future__ import annotations

from domain.core.documents import Manifest, Node
from domain.core.values import Json
from domain.inventory.model import ObjectRow


def manifest_of(row: ObjectRow) -> Manifest:
    """Of a row of kind NetworkPolicy."""
    said = Node(row.details)
    types = said["types"].texts()
    spec: Manifest = {"podSelector": _selector(said["selector"]), "policyTypes": list(types)}
    if "Ingress" in types:
        spec["ingress"] = [_rule(one, "from") for one in said["ingress"]]
    if "Egress" in types:
        spec["egress"] = [_rule(one, "to") for one in said["egress"]]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": row.name, "namespace": row.namespace},
        "spec": spec,
    }


def _selector(said: Node) -> Manifest:
    made: Manifest = {}
    if labels := said["labels"].strings():
        made["matchLabels"] = dict(labels)
    if expressions := [_expression(one) for one in said["expressions"]]:
        made["matchExpressions"] = expressions
    return made


def _expression(said: Node) -> Manifest:
    made: Manifest = {"key": said["key"].text(), "operator": said["operator"].text()}
    if values := said["values"].texts():
        made["values"] = list(values)
    return made


def _rule(said: Node, way: str) -> Manifest:
    made: Manifest = {}
    if peers := [_peer(one) for one in said["peers"]]:
        made[way] = peers
    if ports := [_port(one) for one in said["ports"].texts()]:
        made["ports"] = ports
    return made


def _peer(said: Node) -> Manifest:
    of = said["of"].text()
    if of == "network":
        block: Manifest = {"cidr": said["cidr"].text()}
        if holes := said["excepted"].texts():
            block["except"] = list(holes)
        return {"ipBlock": block}
    made: Manifest = {}
    if of in ("pods", "pods-in-namespaces"):
        made["podSelector"] = _selector(said["pods"])
    if of in ("namespaces", "pods-in-namespaces"):
        made["namespaceSelector"] = _selector(said["namespaces"])
    return made


def _port(text: str) -> Manifest:
    port, _, protocol = text.rpartition("/")
    low, dash, high = port.partition("-")
    made: Manifest = {"protocol": protocol}
    if dash and low.isdecimal() and high.isdecimal():
        return {**made, "port": int(low), "endPort": int(high)}
    value: Json = int(port) if port.isdecimal() else port
    return made if port == "*" else {**made, "port": value}
