"""What an action on a volume claims from the signer."""

from __future__ import annotations

from activities.authority.cluster_forms import plain
from activities.volumes.port import VolumeRequest
from domain.authority.cluster_orders import VOLUME
from domain.authority.permit import Claim, Effect
from domain.core.documents import Object
from domain.volumes.volume_job import VolumeJob


def action(wish: VolumeRequest) -> Claim:
    """One action on one claim of a cluster."""
    return Claim(
        effect=Effect.CLUSTER,
        subject=wish.cluster,
        what=ordered(wish),
        run=wish.run,
        job=wish.job,
        attempt=wish.attempt,
        action=VOLUME,
    )


def ordered(wish: VolumeRequest) -> Object:
    """All that decides what happens."""
    volume = VolumeJob(wish.cluster, wish.spec, wish.action, wish.limit_s, wish.snapshot)
    return {"volume": plain(volume), "key": wish.key}
