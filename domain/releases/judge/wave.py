"""Whether the next wave may begin, from what the clusters of all waves so far have shown."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.releases.judge import explain as words
from domain.releases.judge.pooled import Pool


class WaveCall(StrEnum):
    """What the evidence of all clusters says about a wave."""

    WAIT = "wait"
    GO = "go"
    """It is proven: the next wave may begin, when its soak time is over too."""
    HOLD = "hold"
    """Clusters went back by themselves: no further wave begins until a person says so."""
    BACK = "back"
    """The version is worse in more than one cluster: all clusters of all waves go back, last first."""


@dataclass(frozen=True)
class WaveDecision:
    """What happens to a wave, and why."""

    call: WaveCall
    reason: str
    back: tuple[str, ...] = ()
    """HOLD: the clusters that go back."""


def decide_wave(pool: Pool, percent: float = 100.0) -> WaveDecision:
    """Pure, from what the pool has counted. `percent`: the weight that must be proven (100: promotion).

    Order: all together, then each alone, then suspicion, then evidence of each, then of all together.
    """
    if pool.failing:
        return WaveDecision(WaveCall.BACK, words.together(len(pool.members), pool.failing))
    if pool.failed:
        first = pool.members[pool.failed[0]].judge
        assert first.failing
        why = f"{', '.join(pool.failed)}: {words.failed(first, first.failing)}"
        return WaveDecision(WaveCall.HOLD, why, tuple(pool.failed))
    if pool.amber:
        return WaveDecision(WaveCall.WAIT, f"suspicious: {words.compared(pool.evidence[pool.amber[0]])}")
    if pool.suspicious:
        return WaveDecision(WaveCall.WAIT, f"suspicious, or amid an incident: {', '.join(pool.suspicious)}")
    if pool.each_safe(percent):
        return WaveDecision(WaveCall.GO, f"each of {len(pool.members)} clusters is proven by itself")
    accept = pool.accepts[percent]
    if pool.together_safe(percent):
        shown = f"more than {words.percent(accept.margin)} additional failures are excluded on average"
        evidence = f"logA {accept.evidence:.1f} of {pool.policy.accepted:.1f}"
        return WaveDecision(WaveCall.GO, f"{len(pool.members)} clusters together: {shown} ({evidence})")
    lacking = [name for name, one in pool.members.items() if not one.judge.safe(percent)]
    evidence = f"evidence of all together is {accept.evidence:.1f} of {pool.policy.accepted:.1f}"
    return WaveDecision(WaveCall.WAIT, f"not proven by itself: {', '.join(lacking)}; {evidence}")
