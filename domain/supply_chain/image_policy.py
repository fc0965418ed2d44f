"""Image admission: compares an image's signed attestations with an environment's requirements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from domain.core.documents import Node, Object
from domain.supply_chain import attestation

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

    @property
    def demands(self) -> bool:
        """Whether it requires anything."""
        return self != ImageRule()


@dataclass(frozen=True)
class Attestations:
    """The attestations of one image: predicate by type, or why none counts."""

    predicates: Mapping[str, Object] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)


def refusals(rule: ImageRule, said: Attestations, now: float) -> list[str]:
    """Why the image is refused, one line for each unmet requirement; `now` in seconds since the epoch."""
    return [why for why in _refusals(rule, said, now) if why]


def _refusals(rule: ImageRule, said: Attestations, now: float) -> Iterator[str]:
    if rule.built_here and attestation.PROVENANCE not in said.predicates:
        yield f"its provenance: {_missing(said, attestation.PROVENANCE)}"
    if rule.gate_passed:
        gate = said.predicates.get(attestation.GATE)
        if gate is None:
            yield f"its gate: {_missing(said, attestation.GATE)}"
        elif gate.get("passed") is not True:
            yield f"its gate is closed: {gate.get('reason', 'unknown reason')}"
    if rule.scanned_within_s:
        yield _old(rule, said, now)


def _old(rule: ImageRule, said: Attestations, now: float) -> str:
    scan = said.predicates.get(attestation.SCAN)
    if scan is None:
        return f"its scan: {_missing(said, attestation.SCAN)}"
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
