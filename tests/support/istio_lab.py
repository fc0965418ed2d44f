"""Istio and its Envoy over a real API server without nodes, as the part of a cluster starts them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from activities.clusters import add_ons
from activities.clusters.providers.local.control_plane import ControlPlane
from activities.clusters.providers.local.parts.istio import Istio
from activities.clusters.providers.local.parts.port import Site
from activities.kubernetes.client import Kube
from domain.clusters.beside import gateway
from domain.clusters.spec import ClusterSpec
from domain.core.documents import Node
from domain.releases.kubernetes import virtual_service
from tests.support.built_programs import built
from tests.support.gateway_lab import GATEWAY_API, NAMESPACE, GatewayLab, address, until
from tests.support.made_clusters import Made

KINDS = ((GATEWAY_API, "HTTPRoute"), (virtual_service.API, virtual_service.KIND))


class Here(Site):
    """This machine's own address: the nodes are played, and have no network."""

    @property
    def address(self) -> str:
        return address()

    def kubeconfig(self, part: str, user: str) -> Path:
        self.plane.pki.leaf(f"part-{part}", "ca", user)
        path = self.folder(part) / "kubeconfig"
        self.plane.write_kubeconfig(path, f"part-{part}", self.plane.ports()["api"])
        return path


@contextmanager
def istio_lab(cluster: Made) -> Iterator[GatewayLab]:
    """Its Gateways are served, of both kinds."""
    plane = ControlPlane(Path(cluster.access.reference.removeprefix("file:")).parent, built(), cluster.name)
    site, part = Here(plane, ClusterSpec(cluster.name, "kwok"), (), cluster.kube), Istio()
    if why := part.blocker(site):
        pytest.skip(why)
    started: list[str] = []
    try:
        add_ons.lay_down(cluster.kube, part.objects(site))
        cluster.kube.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
        for one in part.processes(site):
            started.append(one.name)
            plane.components.start(one.name, one.command, one.port, one.env)
        until(lambda: not part.unready(site))
        yield GatewayLab(cluster, "shop", _port(cluster.kube), site.port("istio_metrics"), kinds=KINDS)
    finally:
        plane.components.stop(*started)


def _port(kube: Kube) -> int:
    found = Node(kube.get(GATEWAY_API, "Gateway", gateway.NAME, gateway.NAMESPACE))
    return found.at("spec", "listeners").first()["port"].whole()
