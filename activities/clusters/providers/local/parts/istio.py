"""Istio as controller of both kinds of Gateways: its control plane and one Envoy, processes of this machine.

There are no sidecars and no certificates of Istio's own: Envoy gets its configuration without TLS on loopback, and
speaks to pods as they listen. This Envoy lacks the filters that Istio compiles into its own: they are switched off, so
requests are counted by the clusters that they go to, which are Services of versions.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import yaml

from activities.clusters.providers.local.control_plane import LOOPBACK
from activities.clusters.providers.local.host_node import SETTINGS, write
from activities.clusters.providers.local.parts.port import Process, Site
from activities.clusters.providers.local.parts.traefik import GATEWAY_API, kinds, not_served
from domain.clusters.beside import envoy, gateway, istio
from domain.core.documents import Object
from domain.releases.traffic_baseline import BUCKETS_S

BUILT = "istio-v1.31.0-20260827-envoy-v1.40.0"
"""The folder that deploy/istio makes."""
MESH = "enableAutoMtls: false\n"
"""No certificates: they come from its agent, which does not run here."""
SWITCHES = {
    "PILOT_ENABLE_METADATA_EXCHANGE": "false",
    "PILOT_ENABLE_ALPN_FILTER": "false",
    "PILOT_ENABLE_GATEWAY_API_DEPLOYMENT_CONTROLLER": "false",
    "PILOT_ENABLE_GATEWAY_API_GATEWAYCLASS_CONTROLLER": "false",
    "PILOT_CERT_PROVIDER": "none",
    "PILOT_DEBOUNCE_AFTER": "20ms",
    "ENABLE_CA_SERVER": "false",
    "ENABLE_DEBUG_ON_HTTP": "false",
    "INJECTION_WEBHOOK_CONFIG_NAME": "",
    "VALIDATION_WEBHOOK_CONFIG_NAME": "",
    "CLUSTER_ID": "Kubernetes",
    "POD_NAME": "pilot",
    "POD_NAMESPACE": gateway.NAMESPACE,
}
"""What it waits for further changes is most of the time of a shift, as with other routers."""


class Istio:
    """Envoy listens on this machine's address in the network of the nodes, Istio itself on loopback alone."""

    name = "istio"

    def blocker(self, site: Site) -> str:
        """Its programs are built by a command of their own."""
        if not (site.plane.tools / BUILT).exists():
            return f"{site.plane.tools / BUILT} is not there; to fix it: deploy/istio"
        if not (site.plane.tools / GATEWAY_API).exists():
            return f"{site.plane.tools / GATEWAY_API} is not there; to fix it: make cluster-tools"
        return ""

    def objects(self, site: Site) -> Sequence[Object]:
        """The kinds of Gateway API and of Istio, both Gateways, the rights and the address."""
        own = (site.plane.tools / BUILT / "crd-all.gen.yaml").read_text()
        return [
            *kinds(site.plane.tools / GATEWAY_API),
            *filter(None, yaml.load_all(own, yaml.CSafeLoader)),
            *istio.objects(site.address, site.port("istio_http"), site.port("istio_metrics")),
        ]

    def processes(self, site: Site) -> Sequence[Process]:
        """Istio, and its Envoy, which goes on with what it knows while the other is away."""
        return [pilot(site, site.port("istio_discovery")), proxy(site, site.port("istio_discovery"))]

    def unready(self, site: Site) -> str:
        """Whether the Gateway as it is now is served."""
        return not_served(site)

    def clean_up(self, site: Site) -> None:
        """It leaves nothing."""


def pilot(site: Site, discovery: int) -> Process:
    """The control plane. Nothing of it needs TLS, since nothing of it leaves loopback."""
    ready, mesh = site.port("istio_ready"), site.folder("istio") / "mesh.yaml"
    write(mesh, MESH)
    kubeconfig = site.kubeconfig("istio", gateway.USER)
    command = [
        str(_built(site) / "pilot-discovery"),
        "discovery",
        f"--kubeconfig={kubeconfig}",
        f"--meshConfig={mesh}",
        f"--namespace={gateway.NAMESPACE}",
        f"--httpAddr={LOOPBACK}:{ready}",
        f"--grpcAddr={LOOPBACK}:{discovery}",
        f"--monitoringAddr={LOOPBACK}:{site.port('istio_pilot_metrics')}",
        "--httpsAddr=",
        "--secureGRPCAddr=",
        "--ctrlz_port=0",
        "--log_output_level=all:warn",
    ]
    return Process("istio-pilot", command, discovery, {**SWITCHES, "KUBECONFIG": str(kubeconfig)})


def proxy(site: Site, discovery: int) -> Process:
    """The data plane."""
    admin = site.port("istio_admin")
    told = envoy.Proxy(
        name=gateway.NAME,
        namespace=gateway.NAMESPACE,
        labels=istio.LABELS,
        where=site.address,
        metrics=site.port("istio_metrics"),
        discovery=discovery,
        admin=admin,
    )
    file, text = site.folder("istio") / "envoy.json", json.dumps(envoy.bootstrap(told, BUCKETS_S))
    write(file, text)
    command = [
        str(_built(site) / "envoy"),
        "-c",
        str(file),
        "--disable-hot-restart",
        "--concurrency",
        "2",
        "-l",
        "warn",
    ]
    return Process("istio-envoy", command, admin, {SETTINGS: hashlib.sha256(text.encode()).hexdigest()})


def _built(site: Site) -> Path:
    return site.plane.tools / BUILT
