"""Image admission: compares an image's signed attestations with an environment's requirements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from domain.core.documents import Node, Object
from domain.supply_chain import attestation
from domain.supply_chain.origin import Origin, OriginRule, origin_in

DAY_S = 86_400.0


@dataclass(frozen=True)
class ImageRule:
    """What an environment requires of an image before its release."""

    built_here: bool = False
    """Provenance signed by this installation."""
    gate_passed: bool = False
    """The last gate that judged it passed."""
    scanned_within_s: float = 0
    """Maximum age of a complete scan; 0: none is required."""
    origins: OriginRule = OriginRule()
    """Whose statements count."""
    as_written: bool = False
    """A tag of a cluster's image stays one, and its nodes resolve it."""
    registries: tuple[str, ...] = ()
    """Registries, `HOST[:PORT]`, that are asked for tags though their address is not public."""

    @property
    def demands(self) -> bool:
        """Whether it requires anything."""
        return self.built_here or self.gate_passed or self.scanned_within_s > 0


@dataclass(frozen=True)
class Attestations:
    """The attestations of one image: predicate by type, or why none counts."""

    predicates: Mapping[str, Object] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)


def refusals(rule: ImageRule, said: Attestations, now: float, deploying: Origin | None = None) -> list[str]:
    """Why the image is refused, one line for each unmet requirement.

    `now` in seconds since the epoch; `deploying`: the run that releases it, None outside of one.
    """
    return [why for why in _refusals(rule, said, now, deploying) if why]


def _refusals(rule: ImageRule, said: Attestations, now: float, deploying: Origin | None) -> Iterator[str]:
    if rule.built_here:
        yield _foreign("provenance", attestation.PROVENANCE, rule, said, deploying)
    if rule.gate_passed:
        gate = said.predicates.get(attestation.GATE)
        yield (_closed(gate) if gate else "") or _foreign("gate", attestation.GATE, rule, said, deploying)
    if rule.scanned_within_s:
        yield _foreign("scan", attestation.SCAN, rule, said, deploying) or _old(rule, said, now)


def _foreign(word: str, kind: str, rule: ImageRule, said: Attestations, deploying: Origin | None) -> str:
    """Why a statement is missing, or does not count for this environment."""
    found = said.predicates.get(kind)
    if found is None:
        return f"its {word}: {_missing(said, kind)}"
    node = Node(found)
    inside = node.at("buildDefinition", "internalParameters") if kind == attestation.PROVENANCE else node
    foreign = rule.origins.refusal(origin_in(inside["origin"]), deploying)
    return f"its {word} does not count here: {foreign}" if foreign else ""


def _closed(gate: Object) -> str:
    """A gate that the pushed definition made harmless does not count: the least gate must have passed as well."""
    if gate.get("passed") is not True:
        return f"its gate is closed: {gate.get('reason', 'unknown reason')}"
    least = Node(gate)["least"]
    if least["passed"].value is True:
        return ""
    reasons = least["reasons"].texts()
    what = reasons[0] if reasons else "it was not judged by it"
    return f"its gate passed by its own settings, and not by the least gate: {what}"


def _old(rule: ImageRule, said: Attestations, now: float) -> str:
    scan = said.predicates[attestation.SCAN]
    states = [one["status"].value for one in Node(scan)["tools"]]
    if not states or any(state != "complete" for state in states):
        return "its scan is not complete"
    made_at = scan.get("made_at")
    age_s = now - made_at if isinstance(made_at, int | float) else float("inf")
    if age_s > rule.scanned_within_s:
        known = f"{age_s / DAY_S:.1f} days old" if age_s < float("inf") else "of unknown age"
        return f"its scan is {known}; the limit is {rule.scanned_within_s / DAY_S:g} days"
    return ""


def _missing(said: Attestations, kind: str) -> str:
    return said.missing.get(kind, "nothing is signed")
