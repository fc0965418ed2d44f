"""What people do to volume claims: always a plan first, and then exactly that plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from workers.client.ports.clusters import OrderToSign, SignedOrder
from workers.client.ports.topology import ClaimRow

VolumeVerb: TypeAlias = Literal["expand", "snapshot", "delete"]


@dataclass(frozen=True, kw_only=True)
class VolumeWish:
    """What somebody wants of a claim."""

    cluster: str
    namespace: str
    name: str
    verb: VolumeVerb
    size_gb: float = 0
    """Of `expand`, in GiB."""
    snapshot: bool = True
    """Of `delete`: takes a snapshot first, where its data would be lost and the cluster can."""
    reason: str = ""
    mark: str = ""
    """8 hex digits that tell it from the same wish of another time; a plan fills it in."""


@dataclass(frozen=True, kw_only=True)
class VolumePlan:
    """What would happen. Nothing did."""

    wish: VolumeWish
    """With its mark: what `apply` is given."""
    claim: ClaimRow
    digest: str
    """Of all that is shown here and decides what happens; `apply` names it."""
    prevented: str = ""
    """Why it cannot be done, as a sentence; empty: it can, as far as the inventory knows."""
    fate: str = ""
    """Of `delete`: what becomes of the volume."""
    content: str = ""
    """JSON of what is ordered."""
    order: OrderToSign | None = None
    """`what` is the SHA-256 of `content`. None: nothing has to be signed."""


class Volumes(Protocol):
    """Raises of every method: RefusedError SLW410, SLW411, the caller may not; SLW907, there is no such claim."""

    async def plan(self, wish: VolumeWish) -> VolumePlan:
        """What would happen."""
        ...

    async def apply(self, wish: VolumeWish, digest: str, signed: SignedOrder | None = None, key: str = "") -> str:
        """Begins it, and returns a sentence. `signed`: needed for `delete`.

        Raises:
            RefusedError: SLW955, it cannot be done; SLW956, something is done to it already; SLW958, the plan is
                another one by now; SLW049, it is not signed as it has to be.
        """
        ...
