"""The Gateway that a registered environment names, of whatever kind."""

from __future__ import annotations

from activities.kubernetes.port import ObjectApi
from domain.core.documents import Node
from domain.core.errors import RefusedError, SluicewayError
from domain.releases.kubernetes.place import Place

UNKNOWN_KIND = "SLW944"


def read(kube: ObjectApi, api_version: str, place: Place) -> tuple[str, Node]:
    """Its `NAMESPACE/NAME`, and what it is now; empty: there is none. Blocking.

    Raises:
        RefusedError: SLW860, the cluster has no Gateways of this kind, as when its controller was taken out of it.
    """
    space, _, short = place.gateway.rpartition("/")
    space = space or place.namespace
    try:
        return f"{space}/{short}", Node(kube.get(api_version, "Gateway", short, space))
    except SluicewayError as refused:
        if refused.code != UNKNOWN_KIND:
            raise
        raise unusable(f"{space}/{short}", refused.what) from refused


def unusable(gateway: str, why: str) -> RefusedError:
    """A refusal in words."""
    return RefusedError("SLW860", f"the Gateway {gateway} cannot carry the service's traffic", why=why)
