"""Whether an image may run: what this installation has signed about it, held against what an environment demands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.supply_chain import attestation

DAY_S = 86_400.0


@dataclass(frozen=True)
class ImageRule:
    """What an environment demands of an image before it is released there."""

    built_here: bool = False
    """This installation has signed where it comes from."""
    gate_passed: bool = False
    """The last gate that judged it let it through."""
    scanned_within_s: float = 0
    """A complete scan of it is no older; 0: none is asked for."""

    @property
    def demands(self) -> bool:
        """Whether it demands anything at all."""
        return self != ImageRule()


@dataclass(frozen=True)
class Attestations:
    """What is signed about one image: the predicate by kind of statement, or why there is none that counts."""

    predicates: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)


def refusals(rule: ImageRule, said: Attestations, now: float) -> list[str]:
    """Why it may not run, one line for each demand that is not met; `now` in seconds since the epoch."""
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
    tools = scan.get("tools")
    states = [one.get("status") for one in tools or () if isinstance(one, Mapping)]
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
