"""Reads what a cluster has that decides what releases can do in it, with few and bounded requests."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Protocol

from domain.clusters import metadata
from domain.clusters.beside.gateway import GROUP as GATEWAYS
from domain.clusters.facts import Answers, ClusterFacts, observed
from domain.clusters.network_probe import seen
from domain.clusters.parts import Role
from domain.clusters.policies import ADMISSION, ENFORCE, GATEKEEPER, KYVERNO, Engine, engine, refusing
from domain.clusters.spec import ClusterSpec
from domain.core.documents import Node, Object
from domain.core.errors import SluicewayError

AT_ONCE = "100"
"""Objects of a kind that are looked at."""
_BINDINGS = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings"
_CONSTRAINTS = "constraints.gatekeeper.sh"
_OF_KYVERNO = {"kyverno.io": "clusterpolicies", "policies.kyverno.io": "validatingpolicies"}
_CLOSED = (401, 403, 404)


class Api(Protocol):
    """As much of an API server as is asked."""

    def raw(self, path: str, query: Mapping[str, str] | None = None) -> str:
        """The response of a GET, as text.

        Raises:
            SluicewayError: with the status of a refusal.
        """
        ...


def read(api: Api, cluster: str, firewall: str = "", clock: Callable[[], float] = time.time) -> ClusterFacts:
    """`firewall`: the part of the cluster, beside its nodes, that enforces network policies.

    Raises:
        SluicewayError: the API does not answer.
    """
    groups = _answer(api, "/apis", needed=True)["groups"]
    served = {one["name"].text(): one.at("preferredVersion", "version").text() for one in groups}
    gateways = f"/apis/{GATEWAYS}/v1" if GATEWAYS in served else ""
    said = Answers(
        version=_answer(api, "/version")["gitVersion"].text(),
        groups=served,
        classes=_items(api, f"{gateways}/gatewayclasses") if gateways else (),
        gateways=_items(api, f"{gateways}/gateways") if gateways else (),
        policies=list(_engines(api, served)),
        namespaces=_items(api, "/api/v1/namespaces", ENFORCE),
        network=firewall or seen(metadata.name(one) for one in _items(api, "/apis/apps/v1/daemonsets")),
    )
    return observed(cluster, f"{datetime.fromtimestamp(clock(), UTC):%Y-%m-%dT%H:%M:%SZ}", said)


def of_spec(api: Api, spec: ClusterSpec) -> ClusterFacts | None:
    """Of a cluster by its definition; None: its API does not answer, which its health tells."""
    try:
        return read(api, spec.name, spec.parts.get(Role.FIREWALL, ""))
    except SluicewayError:
        return None


def _engines(api: Api, served: Mapping[str, str]) -> Iterator[Engine]:
    if rules := list(refusing(_items(api, _BINDINGS))):
        yield engine(ADMISSION, rules)
    if _CONSTRAINTS in served:
        kinds = _answer(api, f"/apis/{_CONSTRAINTS}/{served[_CONSTRAINTS]}")["resources"]
        yield engine(GATEKEEPER, (one["kind"].text() for one in kinds if "/" not in one["name"].text()))
    known = [(f"/apis/{group}/{served[group]}", name) for group, name in _OF_KYVERNO.items() if group in served]
    if known:
        named = [metadata.name(one) for where, name in known for one in _items(api, f"{where}/{name}")]
        yield engine(KYVERNO, named)


def _items(api: Api, path: str, labels: str = "") -> list[Object]:
    asked = {"limit": AT_ONCE, **({"labelSelector": labels} if labels else {})}
    return [one.object() for one in _answer(api, path, asked)["items"]]


def _answer(api: Api, path: str, query: Mapping[str, str] | None = None, *, needed: bool = False) -> Node:
    """Empty where it may not be read, or is not there, unless it is needed: what is said of the rest is still true."""
    try:
        return Node(json.loads(api.raw(path, query)))
    except ValueError as strange:
        what = f"no object came back from GET {path}"
        raise SluicewayError("SLW943", what, why="something else has answered", transient=True) from strange
    except SluicewayError as refused:
        if needed or refused.status not in _CLOSED:
            raise
        return Node()
