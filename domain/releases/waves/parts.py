"""The part of a release in one cluster, and what the parts' ends say of the whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from domain.core.values import number
from domain.releases.actions import ReleaseResult, ReleaseVerdict
from domain.releases.deployment import Deployment
from domain.releases.kubernetes.registered import in_registered_place
from domain.releases.waves.progress import FAILED, ClusterState, Progress, Standing

STANDING_OF = {
    ReleaseVerdict.LIVE: Standing.LIVE,
    ReleaseVerdict.ROLLED_BACK: Standing.BACK,
    ReleaseVerdict.ABORTED: Standing.BACK,
    ReleaseVerdict.FAILED: Standing.BROKEN,
}


def part(whole: Deployment, cluster: str, instance: str, target: str) -> Deployment:
    """What one cluster gets; `target`: the environment's place in Kubernetes, as its rule carries it."""
    spec = in_registered_place(whole.spec, target, cluster) if whole.spec.kubernetes else whole.spec
    assert not isinstance(spec, str), "a plan is of the clusters that its environment is registered with"
    return replace(whole, cluster=cluster, instance=instance, spec=spec)


def ended(result: ReleaseResult, before: ClusterState, now: float) -> ClusterState:
    """A cluster whose own release has ended."""
    return replace(before, standing=STANDING_OF[result.verdict], since=now, reason=result.reason, proven=result.proven)


def verdict(progress: Progress, by_hand: bool) -> ReleaseVerdict:
    """Of the whole, once it is over."""
    if not progress.returning:
        return ReleaseVerdict.LIVE
    if any(one.standing is Standing.BROKEN for one in progress.clusters.values()):
        return ReleaseVerdict.FAILED
    return ReleaseVerdict.ABORTED if by_hand else ReleaseVerdict.ROLLED_BACK


def summary(progress: Progress, version: str) -> str:
    """How the whole ended, in one sentence."""
    live = _those(progress.clusters, Standing.LIVE)
    if not progress.returning:
        without = [one for one in progress.plan.clusters if one not in live]
        left = f", without {', '.join(without)}" if without else ""
        return f"version {version} is live in {number(len(live), 'cluster')}{left}"
    words = [progress.returning]
    for standing, what in (
        (Standing.BACK, "back in"),
        (Standing.BROKEN, "neither version is ready in"),
        (Standing.KEPT, "there was no version before in"),
    ):
        found = _those(progress.clusters, standing)
        words += [f"{what} {', '.join(found)}"] if found else []
    return "; ".join(words)


def proven(progress: Progress) -> bool:
    """Whether evidence promoted the version in every cluster that carries it."""
    live = [one for one in progress.clusters.values() if one.standing is Standing.LIVE]
    return bool(live) and all(one.proven for one in live)


def in_their_waves(progress: Progress) -> dict[str, ClusterState]:
    """Each part with the number of its wave, for the result."""
    waves = enumerate(progress.plan.waves, 1)
    return {name: replace(progress.of(name), wave=index) for index, wave in waves for name in wave.clusters}


def go_on(progress: Progress) -> None:
    """A person goes on without the clusters that failed, and in spite of doubt."""
    progress.trusted = bool(progress.doubt)
    for name, one in progress.clusters.items():
        if one.standing in FAILED:
            progress.clusters[name] = replace(one, excused=True)


def _those(clusters: Mapping[str, ClusterState], standing: Standing) -> list[str]:
    return [name for name, one in clusters.items() if one.standing is standing]
