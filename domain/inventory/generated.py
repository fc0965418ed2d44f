"""The network policies that a cluster's definition generates, beside those that are in the cluster."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from domain.clusters import metadata
from domain.clusters.manifests import allowed, default_deny
from domain.clusters.other_namespaces import NAME as DENIES_OTHERS
from domain.clusters.other_namespaces import Others, denied
from domain.clusters.parts import Role, machine_address
from domain.clusters.spec import REGISTERED, Network, Quota
from domain.core.documents import Manifest, Node, Object
from domain.core.values import Json
from domain.inventory.details import MOST_ITEMS
from domain.inventory.model import ObjectRow
from domain.inventory.policy_manifest import manifest_of
from domain.inventory.reach import policy_of


class Declares(StrEnum):
    """What a definition says of the isolation of its namespaces."""

    ISOLATED = "isolated"
    OPEN = "open"
    """They are open to all; nothing is generated."""
    ELSEWHERE = "elsewhere"
    """The cluster was made elsewhere and registered: its definition says nothing of networks."""
    UNKNOWN = "unknown"
    """The cluster's workflow does not answer."""


class PolicyState(StrEnum):
    """A generated policy beside the one in the cluster; later ones are shown first."""

    SAME = "same"
    UNCLEAR = "unclear"
    """It is longer than what is kept of it."""
    EXTRA = "extra"
    """No definition generates it. Policies add up: it can only let more through."""
    CHANGED = "changed"
    MISSING = "missing"


@dataclass(frozen=True, kw_only=True)
class GeneratedPolicy:
    """A policy as the definition generates it, and as the cluster has it."""

    namespace: str
    name: str
    state: PolicyState
    environment: str = ""
    """Of its namespace."""
    differs: tuple[str, ...] = ()
    """Fields of the spec that differ: `ingress`, `egress`, `podSelector`, `policyTypes`."""
    wanted: Mapping[str, Any] = field(default_factory=dict)
    """Empty: it is extra."""
    found: Mapping[str, Any] = field(default_factory=dict)
    """Empty: it is missing."""
    ours: bool = False
    """Sluiceway's label is on the one in the cluster; anybody may have put it there."""


def declares(definition: Mapping[str, Json]) -> Declares:
    """`definition`: as `ClusterDetails` has it; empty: it is not known."""
    said = Node(definition)
    if not said:
        return Declares.UNKNOWN
    if said["provider"].text() == REGISTERED:
        return Declares.ELSEWHERE
    return Declares.ISOLATED if said["network"]["isolated"].value is True else Declares.OPEN


def compared(
    definition: Mapping[str, Json],
    environments: Mapping[str, str],
    policies: Iterable[ObjectRow],
    open_: Iterable[str] = (),
) -> list[GeneratedPolicy]:
    """The policies of the namespaces that a definition isolates: what differs first, then by place.

    `environments`: by namespace. `policies`: all rows of the cluster. `open_`: namespaces that no policy isolates.
    """
    if declares(definition) is not Declares.ISOLATED:
        return []
    there = {(row.namespace, row.name): row for row in policies}
    wanted = {_place(one): one for one in _wanted(definition, there, open_)}
    named = {namespace for namespace, _ in wanted}
    places = [*wanted, *(place for place in there if place not in wanted and place[0] in named)]
    found = [_one(place, wanted.get(place), there.get(place), environments.get(place[0], "")) for place in places]
    order = list(PolicyState)
    return sorted(found, key=lambda one: (-order.index(one.state), one.namespace, one.name))


def _wanted(
    definition: Mapping[str, Json], there: Iterable[tuple[str, str]], open_: Iterable[str]
) -> Iterator[Manifest]:
    said = Node(definition)
    gateway = _gateway(said)
    own = set[str]()
    for one in said["quotas"]:
        quota = Quota(
            one["namespace"].text(),
            allow_from=tuple(one["allow_from"].texts()),
            allow_to=tuple(one["allow_to"].texts()),
        )
        own.add(quota.namespace)
        yield default_deny(quota.namespace)
        yield allowed(quota, gateway)
    if said["network"]["others"].text() == Others.DENY:
        closed = {namespace for namespace, name in there if name == DENIES_OTHERS}
        yield from (denied(name) for name in sorted({*closed, *open_} - own))


def _gateway(said: Node) -> str:
    if not said["parts"][Role.GATEWAY]:
        return ""
    return machine_address(said["network"]["nodes"].text(Network.nodes))


def _place(manifest: Object) -> tuple[str, str]:
    return metadata.namespace(manifest), metadata.name(manifest)


def _one(place: tuple[str, str], wanted: Object | None, row: ObjectRow | None, environment: str) -> GeneratedPolicy:
    spec = _written(Node(wanted)["spec"].object()) if wanted else {}
    found = manifest_of(row) if row else {}
    differs = _differing(spec, Node(found)["spec"].object()) if wanted and row else ()
    return GeneratedPolicy(
        namespace=place[0],
        name=place[1],
        state=_state(spec, row, differs),
        environment=environment,
        differs=differs,
        wanted=_shown(wanted, spec) if wanted else {},
        found=found,
        ours=row is not None and Node(row.details)["ours"].value is True,
    )


def _state(spec: Object, row: ObjectRow | None, differs: Sequence[str]) -> PolicyState:
    if row is None:
        return PolicyState.MISSING
    if not spec:
        return PolicyState.EXTRA
    if policy_of(row).cut:
        return PolicyState.UNCLEAR if _is_long(spec) else PolicyState.CHANGED
    return PolicyState.CHANGED if differs else PolicyState.SAME


def _differing(wanted: Object, found: Object) -> tuple[str, ...]:
    return tuple(name for name in sorted({*wanted, *found}) if wanted.get(name) != found.get(name))


def _written(spec: Object) -> Manifest:
    """With what Kubernetes understands where nothing stands."""
    types = Node(spec)["policyTypes"].texts()
    lists: Manifest = {name: [] for kind, name in (("Ingress", "ingress"), ("Egress", "egress")) if kind in types}
    return {**lists, **spec}


def _is_long(spec: Object) -> bool:
    rules = [each for way in ("ingress", "egress") for each in [Node(spec)[way]]]
    peers = [each for rule in rules for one in rule for each in (one["from"], one["to"])]
    return any(len(list(each)) > MOST_ITEMS for each in (*rules, *peers))


def _shown(wanted: Object, spec: Manifest) -> Manifest:
    """As a row's manifest is written, so that both read alike."""
    namespace, name = _place(wanted)
    order = ("podSelector", "policyTypes", "ingress", "egress")
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {key: spec[key] for key in order if key in spec},
    }
