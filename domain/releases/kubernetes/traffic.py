"""How a service's traffic is led in a cluster: the state behind its route, kept in the route itself.

Any worker reads it there and goes on from it. A route is rendered whole from this state each time, never patched.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from domain.core import names
from domain.core.canonical import canonical
from domain.core.documents import Node
from domain.core.values import Json
from domain.releases.spec import Routing

PARTS = 10_000
"""All of a service's traffic: a weight is in hundredths of a percent, since routers take whole numbers."""
ANNOTATION = "sluiceway.dev/traffic"
"""Where a route keeps its state."""
MAX_VERSIONS = 8
MAX_GENERATION = 1 << 40
"""A number beyond it is a stranger's, and counts from 0 again: signs have a digest, too."""
MAX_STATE = 16_384
"""Characters of a state; an annotation of a stranger's may be larger."""


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """Who gets a service's requests. Immutable: a change gives another one."""

    weights: Mapping[str, int] = field(default_factory=dict)
    """Instance to its parts of `PARTS`; with 0 it stays configured, for its preview or a way back."""
    preview: str = ""
    """The instance with the preview address, and with the header and cookie of `routing`."""
    mirror: str = ""
    """The instance that gets copies of requests."""
    routing: Routing = Routing()
    generation: int = 0
    """Number of this state; every change counts it up."""

    @property
    def leads(self) -> bool:
        """Whether a version gets the service's requests."""
        return any(self.weights.values())

    def all_to(self, instance: str) -> Traffic:
        """All requests to one version; others stay configured. Ends preview and mirroring."""
        weights = {**dict.fromkeys(self.weights, 0), instance: PARTS}
        return replace(self, weights=weights, preview="", mirror="")

    def led_to(self, instance: str) -> Traffic:
        """As it is; all to one version where nothing is known of it."""
        return self if self.weights else self.all_to(instance)

    def split(self, new: str, old: str, percent: float, routing: Routing) -> Traffic:
        """A share to the new version, the rest to the old one; ends mirroring."""
        parts = in_parts(percent)
        weights = {**dict.fromkeys(self.weights, 0), old: PARTS - parts, new: parts}
        return replace(self, weights=weights, routing=_kept(routing), mirror="")

    def previewed(self, instance: str, routing: Routing) -> Traffic:
        """Its preview address, with header, cookie and copies of requests as the rollout says."""
        weights = {instance: 0, **self.weights}
        mirror = instance if routing.mirror_percent else ""
        return replace(self, weights=weights, preview=instance, routing=_kept(routing), mirror=mirror)

    def without(self, instance: str) -> Traffic:
        """Forgets a version with its preview and mirror; the others share what it had."""
        return replace(
            self,
            weights=_whole({name: parts for name, parts in self.weights.items() if name != instance}),
            preview="" if self.preview == instance else self.preview,
            mirror="" if self.mirror == instance else self.mirror,
        )

    def bounded(self) -> Traffic:
        """Without the oldest idle versions, where there are more than `MAX_VERSIONS`."""
        spare = [name for name, parts in self.weights.items() if not parts and name not in (self.preview, self.mirror)]
        traffic = self
        for name in sorted(spare, key=lambda name: (len(name), name))[: max(len(self.weights) - MAX_VERSIONS, 0)]:
            traffic = traffic.without(name)
        return traffic

    def warming(self, before: Traffic) -> list[str]:
        """Versions that get requests now and had none before: the data plane must know their endpoints first."""
        return sorted(name for name, parts in self.weights.items() if parts and not before.weights.get(name))

    def same_as(self, other: Traffic) -> bool:
        """Whether both lead the traffic alike, whatever their numbers."""
        return replace(self, generation=0) == replace(other, generation=0)

    def next_after(self, before: Traffic) -> Traffic:
        """With the number after that of another state."""
        return replace(self, generation=before.generation + 1)


def _whole(weights: Mapping[str, int]) -> dict[str, int]:
    """In the same proportions, all of the traffic again; nothing stays nothing."""
    total = sum(weights.values())
    if total in (0, PARTS):
        return dict(weights)
    scaled = {name: parts * PARTS // total for name, parts in weights.items()}
    most = max(scaled, key=lambda name: (scaled[name], name))
    return {**scaled, most: scaled[most] + PARTS - sum(scaled.values())}


def in_parts(percent: float) -> int:
    """A percentage in `PARTS`; what is neither nothing nor everything never becomes it."""
    parts = round(percent * PARTS / 100)
    if 0 < percent < 100:
        return min(max(parts, 1), PARTS - 1)
    return min(max(parts, 0), PARTS)


def _kept(routing: Routing) -> Routing:
    """As the state can hold it: canonical JSON has no fractions."""
    return replace(routing, mirror_percent=in_parts(routing.mirror_percent) * 100 / PARTS)


def written(traffic: Traffic) -> str:
    """The state as canonical JSON (RFC 8785), for `ANNOTATION`."""
    routing = traffic.routing
    state: dict[str, Json] = {
        "generation": traffic.generation,
        "weights": dict(traffic.weights),
        "preview": traffic.preview,
        "mirror": traffic.mirror,
        "header": routing.header,
        "cookie": routing.cookie,
        "mirrored": in_parts(routing.mirror_percent),
        "sticky": routing.sticky,
    }
    return canonical(state).decode()


def read(text: str) -> Traffic:
    """The state of a route, which anybody with rights on it may have written.

    Raises:
        ValueError: it is not a state that was written here.
    """
    if len(text) > MAX_STATE:
        raise ValueError("the state of the route is too large")
    try:
        state = Node(json.loads(text))
    except RecursionError as deep:
        raise ValueError("the state of the route is nested too deeply") from deep
    weights = {name: Node(parts).need_whole() for name, parts in state.need_object("weights").items()}
    chosen = {name for name in (state.need_text("preview"), state.need_text("mirror")) if name}
    if len(weights) > MAX_VERSIONS or not all(names.is_name(name) for name in (*weights, *chosen)):
        raise ValueError("the state of the route names no versions")
    if sum(weights.values()) not in (0, PARTS) or min(weights.values(), default=0) < 0 or not chosen <= set(weights):
        raise ValueError("the weights of the route are none")
    number, mirrored = state.need_whole("generation"), state.need_whole("mirrored")
    for text in (state.need_text("header"), state.need_text("cookie")):
        text.encode()  # a lone surrogate could never be written again
    return Traffic(
        weights=weights,
        preview=state.need_text("preview"),
        mirror=state.need_text("mirror"),
        routing=Routing(
            state.need_text("header"),
            state.need_text("cookie"),
            min(max(mirrored, 0), PARTS) * 100 / PARTS,
            bool(state["sticky"]),
        ),
        generation=number if 0 <= number <= MAX_GENERATION else 0,
    )


def sign(traffic: Traffic) -> str:
    """A name of exactly this state, such as `g4-8f3a52c1`: what the data plane answers once it has loaded it.

    With a digest, since a route that was deleted counts from 1 again.
    """
    return f"g{traffic.generation}-{hashlib.sha256(written(traffic).encode()).hexdigest()[:12]}"
