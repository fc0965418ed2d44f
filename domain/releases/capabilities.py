"""What a target and its router support, and what a strategy requires."""

from __future__ import annotations

from enum import StrEnum

from domain.clusters.facts import ClusterFacts
from domain.releases.kubernetes.http_route import BACKEND_HEADERS, MIRROR, RESPONSE_HEADERS, features
from domain.releases.spec import RolloutSpec


class Capability(StrEnum):
    """A capability of a target with its router. Linting rejects a definition that requires a missing one."""

    WEIGHTS = "split traffic by weight"
    PREVIEW = "give a version a preview address"
    MATCH = "route by header or cookie"
    MIRROR = "mirror traffic"
    STICKY = "keep a client on its version"
    COUNTERS = "count requests by version"
    CONFIRM = "show that a weight is in force"
    SCALE = "scale each version by itself"
    ENFORCE = "keep others from reaching a version"
    SCAN = "lead a scanner to a version's preview address"


PROCESSES = frozenset(Capability) - {Capability.SCALE, Capability.ENFORCE}
"""Of services on this machine behind Traefik."""
_CLUSTER = frozenset({Capability.SCALE, Capability.ENFORCE})
CAPABILITIES: dict[tuple[str, str], frozenset[Capability]] = {
    ("local", "traefik"): PROCESSES,
    ("local", "none"): frozenset(),
    ("docker", "traefik"): PROCESSES,
    ("docker", "none"): frozenset(),
    ("kubernetes", "gateway-api"): frozenset(Capability),
    ("kubernetes", "istio"): frozenset(Capability),
    ("kubernetes", "linkerd"): frozenset(Capability) - {Capability.MIRROR, Capability.STICKY, Capability.SCAN},
    ("kubernetes", "service"): _CLUSTER | {Capability.WEIGHTS, Capability.PREVIEW},
    ("kubernetes", "none"): _CLUSTER,
}
"""(target, router) to capabilities. A service without a router gets no requests, like a background worker.

In a cluster they are the most that such a router can do: what its class and its metrics API lack is refused before a
release touches anything.
"""


def wanted(strategy: str, rollout: RolloutSpec) -> dict[Capability, tuple[str, ...]]:
    """The required capabilities, each with the key of the deploy block that requires it."""
    needs: dict[Capability, tuple[str, ...]] = {}
    if strategy in ("canary", "blue-green"):
        needs |= {Capability.WEIGHTS: ("strategy",), Capability.PREVIEW: ("strategy",)}
        if not rollout.routing.unconfirmed:
            needs[Capability.CONFIRM] = ("routing", "unconfirmed")
    if strategy != "recreate" and rollout.judged:
        needs[Capability.COUNTERS] = ("analysis",)
    routing = rollout.routing
    if routing.header or routing.cookie:
        needs[Capability.MATCH] = ("routing", "header" if routing.header else "cookie")
    if routing.mirror_percent:
        needs[Capability.MIRROR] = ("routing", "mirror")
    if routing.sticky:
        needs[Capability.STICKY] = ("routing", "sticky")
    if rollout.dast and strategy in ("canary", "blue-green"):
        needs[Capability.SCAN] = ("dast",)
    return needs


def missing(strategy: str, rollout: RolloutSpec, target: str, router: str) -> dict[Capability, tuple[str, ...]]:
    """Required capabilities that the target lacks, each with the key that requires it."""
    has = CAPABILITIES.get((target, router), frozenset())
    return {capability: key for capability, key in wanted(strategy, rollout).items() if capability not in has}


def there(router: str, facts: ClusterFacts, gateway: str = "") -> frozenset[Capability]:
    """What a router can do in a cluster as it was read. `gateway`: of the registered environment, as `NAMESPACE/NAME`.

    Where it is not known, what any GatewayClass can. It is asked again before a release touches anything.
    """
    has = CAPABILITIES.get(("kubernetes", router), frozenset())
    if not facts.metrics:
        has -= {Capability.SCALE}
    if router == "istio":
        return has if "istio" in facts.meshes else has & _CLUSTER
    if router == "linkerd":
        return has if facts.meshes else has & _CLUSTER
    if router != "gateway-api":
        return has
    told = [features(one.controller, one.features) for one in facts.of_gateway(gateway)]
    if not told:
        return has & _CLUSTER
    if not any(MIRROR in one for one in told):
        has -= {Capability.MIRROR}
    if not any({RESPONSE_HEADERS, BACKEND_HEADERS} <= one for one in told):
        has -= {Capability.STICKY}
    return has
