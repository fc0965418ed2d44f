"""What the clusters of a release show together: which weights are proven, and what speaks against further clusters.

A cluster becomes live by its own evidence, by that of all clusters, because the policy says so, or because a person
does; so the next one may begin unless there is doubt.
"""

from __future__ import annotations

from domain.releases.judge import explain as words
from domain.releases.judge.pooled import Pool


def proved(pool: Pool) -> tuple[float, ...]:
    """Weights in percent that all clusters together have proven; none while they are suspicious together."""
    return () if pool.amber else tuple(sorted(percent for percent in pool.accepts if pool.together_safe(percent)))


def doubt(pool: Pool) -> str:
    """Why no further cluster may begin; empty: nothing speaks against it."""
    if pool.amber:
        return f"suspicious in {len(pool.members)} clusters together: {words.compared(pool.evidence[pool.amber[0]])}"
    if pool.suspicious:
        return f"suspicious, or amid an incident: {', '.join(pool.suspicious)}"
    return ""
