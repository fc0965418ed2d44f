"""Where a service's requests come in to a cluster: what an adapter says of its kind of route."""

from __future__ import annotations

from typing import Protocol

from activities.releases.cluster_traffic.data_plane import RouterAddress
from activities.releases.cluster_traffic.dialects import Dialect, Named
from activities.releases.cluster_traffic.route_store import Kind
from activities.releases.router_counters import Counters
from domain.core.documents import Object
from domain.releases.deployment import Deployment
from domain.releases.kubernetes.http_route import Rendered
from domain.releases.kubernetes.traffic import Traffic


class Entry(Protocol):
    """As it stands now, read once for a change. Methods block."""

    @property
    def kind(self) -> Kind:
        """Of its routes."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """Of its routes; the first holds the truth about the traffic."""
        ...

    @property
    def preview_host(self) -> str:
        """Where each version can be asked by its name."""
        ...

    def url(self, host: str) -> str:
        """The address of one of its hosts."""
        ...

    def routers(self) -> list[RouterAddress]:
        """Router processes, and addresses that stand for several."""
        ...

    def routes(self, traffic: Traffic, ports: dict[str, int]) -> list[Rendered]:
        """The state as routes. `ports`: instance to the port of its Service."""
        ...

    def lacking(self, traffic: Traffic) -> list[str]:
        """What this state needs and the router does not have; empty: nothing."""
        ...

    def not_accepted(self, route: Object) -> str:
        """Why the controller does not serve this route as it is; empty: it does."""
        ...

    def counted(self, *deployments: Deployment) -> tuple[Dialect, list[Named]]:
        """How its processes write their counters, and what each version is called there.

        Raises:
            SluicewayError: SLW869, that is not known.
        """
        ...

    def counters(self, *deployments: Deployment) -> list[Counters]:
        """Of each, summed over the router processes by series.

        Raises:
            SluicewayError: SLW869, they cannot be read.
        """
        ...
