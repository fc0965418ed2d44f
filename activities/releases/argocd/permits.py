"""What a sync claims from the signer."""

from __future__ import annotations

from activities.authority.cluster_forms import plain
from activities.releases.argocd.port import SyncRequest
from domain.authority.cluster_orders import ARGOCD_SYNC
from domain.authority.permit import Claim, Effect


def sync(request: SyncRequest) -> Claim:
    """One Application of a cluster, and all that decides what it becomes."""
    return Claim(
        effect=Effect.CLUSTER,
        subject=request.wish.cluster,
        what={"argocd-sync": plain(request.wish)},
        run=request.run,
        job=request.job,
        attempt=request.attempt,
        action=ARGOCD_SYNC,
    )
