"""The waves of one release: each cluster in exactly one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from domain.core import names
from domain.releases.waves.spec import MOST_CLUSTERS, MOST_WAVES, Unreachable, WaveSpec, WavesSpec, malformed, selects

Complaint = tuple[int, str]
"""Index of a wave (-1: the environment), and what is wrong with it."""


@dataclass(frozen=True, kw_only=True)
class Wave:
    """Clusters that are released together."""

    clusters: tuple[str, ...]
    soak_s: float = 0.0
    at_once: int = 1


@dataclass(frozen=True, kw_only=True)
class WavePlan:
    """All waves, in their order; no cluster is in two."""

    waves: tuple[Wave, ...]
    unreachable: Unreachable = Unreachable.HOLD
    hold_s: float = 86_400.0

    @property
    def clusters(self) -> tuple[str, ...]:
        """In the order of their turn."""
        return tuple(cluster for wave in self.waves for cluster in wave.clusters)

    def wave_of(self, cluster: str) -> int:
        """Index of a cluster's wave.

        Raises:
            KeyError: the plan does not have it.
        """
        for index, wave in enumerate(self.waves):
            if cluster in wave.clusters:
                return index
        raise KeyError(cluster)


def plan(spec: WavesSpec) -> WavePlan:
    """Each cluster goes to the first wave that means it; within a wave, by name. Call `complaints` first."""
    left, waves = dict(sorted(spec.clusters.items())), []
    for wave in _waves(spec):
        chosen = tuple(name for name in left if any(selects(text, name, left[name]) for text in wave.clusters))
        for name in chosen:
            del left[name]
        if chosen:
            waves.append(Wave(clusters=chosen, soak_s=wave.soak_s, at_once=max(wave.at_once, 1)))
    return WavePlan(waves=tuple(waves), unreachable=spec.unreachable, hold_s=spec.hold_s)


def complaints(spec: WavesSpec) -> Iterator[Complaint]:
    """Why a plan would not be what was meant: waves that mean no cluster, clusters that no wave means."""
    if len(spec.clusters) > MOST_CLUSTERS or len(spec.waves) > MOST_WAVES:
        yield -1, f"at most {MOST_CLUSTERS} clusters and {MOST_WAVES} waves are supported"
        return
    yield from ((-1, f"'{name[:80]}': {wrong}") for name in spec.clusters if (wrong := names.complaint(name)))
    left = set(spec.clusters)
    for index, wave in enumerate(_waves(spec)):
        yield from ((index, text) for text in _wrong(wave, spec))
        chosen = {name for name in left if any(selects(text, name, spec.clusters[name]) for text in wave.clusters)}
        if not chosen and not any(_wrong(wave, spec)):
            yield index, "all its clusters are in earlier waves"
        left -= chosen
    if left:
        yield -1, f"no wave has {', '.join(sorted(left))}"


def _wrong(wave: WaveSpec, spec: WavesSpec) -> Iterator[str]:
    for text in wave.clusters:
        if malformed(text):
            yield f"'{text[:80]}' is neither a cluster nor a selector such as region=eu,tier!=canary"
        elif not any(selects(text, name, labels) for name, labels in spec.clusters.items()):
            yield f"'{text[:80]}' means no cluster of this environment"


def _waves(spec: WavesSpec) -> tuple[WaveSpec, ...]:
    return spec.waves or (WaveSpec(clusters=tuple(sorted(spec.clusters))),)
