"""What a registered environment says of its clusters: their labels, and the waves that releases reach them in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from domain.core import names

MOST_CLUSTERS = 200
MOST_WAVES = 50
_TERM = re.compile(r"([a-z0-9A-Z][a-zA-Z0-9._/-]{0,252})(!?=)([a-zA-Z0-9._-]{0,63})", re.ASCII)
"""`key=value` or `key!=value`: the equality-based selectors of Kubernetes."""


class Unreachable(StrEnum):
    """What a wave does about a cluster whose API does not answer when its turn comes."""

    HOLD = "hold"
    """Look again until it answers, or until a person goes on without it."""
    SKIP = "skip"
    """Go on without it, and say so."""


@dataclass(frozen=True, kw_only=True)
class WaveSpec:
    """One wave."""

    clusters: tuple[str, ...]
    """Names of clusters, and selectors of labels such as `region=eu,tier!=canary`."""
    soak_s: float = 0.0
    """How long its clusters must have run the version before the next wave begins."""
    at_once: int = 1
    """How many of its clusters may be under way at a time."""


@dataclass(frozen=True, kw_only=True)
class WavesSpec:
    """The clusters of an environment and their order."""

    clusters: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Name to labels."""
    waves: tuple[WaveSpec, ...] = ()
    """Empty: one wave of all clusters, one at a time."""
    unreachable: Unreachable = Unreachable.HOLD
    hold_s: float = 86_400.0
    """How long a wave that failed waits for a person, until all that this release changed goes back."""


def selects(selector: str, name: str, labels: Mapping[str, str]) -> bool:
    """Whether a selector of a wave means this cluster. All terms must hold; a text that is no selector means none."""
    if names.is_name(selector):
        return selector == name
    found = [_TERM.fullmatch(term.strip()) for term in selector.split(",")]
    return all(one is not None and (labels.get(one[1], "") == one[3]) is (one[2] == "=") for one in found)


def malformed(selector: str) -> bool:
    """Whether a text is neither a name nor a selector."""
    return not names.is_name(selector) and not all(_TERM.fullmatch(term.strip()) for term in selector.split(","))
