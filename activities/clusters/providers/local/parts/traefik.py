"""Traefik as controller of the Gateway API: it serves `sluiceway/edge` from this machine, straight to the pods."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import yaml

from activities.clusters.providers.local.control_plane import LOOPBACK
from activities.clusters.providers.local.host_node import SETTINGS, write
from activities.clusters.providers.local.parts.port import Process, Site
from domain.clusters.beside import gateway
from domain.clusters.health import why_not
from domain.core.documents import Manifest, Object
from domain.releases.traffic_baseline import BUCKETS_S

GATEWAY_API = "gateway-api-v1.5.1"
"""The folder of the definitions of its kinds; a router of another version may not know them."""
THROTTLE = "20ms"
"""How long it waits for further changes: most of the time of a shift."""


class Traefik:
    """Listens on this machine's address in the network of the nodes."""

    name = "traefik"

    def blocker(self, site: Site) -> str:
        """The program comes with the engine, its kinds with the other programs of clusters."""
        for needed in (_program(), site.plane.tools / GATEWAY_API):
            if not needed.exists():
                return f"{needed} is not there; to fix it: make cluster-tools"
        return ""

    def objects(self, site: Site) -> Sequence[Object]:
        """The kinds of Gateway API, and the Gateway with its class, its rights and its address."""
        http, metrics, _ = _ports(site)
        return [*kinds(site.plane.tools / GATEWAY_API), *gateway.objects(self.name, site.address, http, metrics)]

    def processes(self, site: Site) -> Sequence[Process]:
        """One, on this machine."""
        http, metrics, ping = _ports(site)
        file, text = site.folder(self.name) / "traefik.yaml", json.dumps(settings(site.address, http, metrics, ping))
        write(file, text)
        env = {
            "KUBECONFIG": str(site.kubeconfig(self.name, gateway.USER)),
            SETTINGS: hashlib.sha256(text.encode()).hexdigest(),
        }
        return [Process(self.name, [str(_program()), f"--configFile={file}"], ping, env)]

    def unready(self, site: Site) -> str:
        """Whether the Gateway as it is now is served."""
        return not_served(site)

    def clean_up(self, site: Site) -> None:
        """It leaves nothing."""


def not_served(site: Site) -> str:
    """Why the cluster's Gateway as it is now is not served; empty: it is."""
    found = site.kube.get(f"{gateway.GROUP}/v1", "Gateway", gateway.NAME, gateway.NAMESPACE) or {}
    why = why_not(found, "Programmed")
    return f"the Gateway {gateway.NAMESPACE}/{gateway.NAME} is not served: {why}" if why else ""


def _program() -> Path:
    return Path(sys.executable).with_name("traefik")


def _ports(site: Site) -> tuple[int, int, int]:
    """Of the listener, of the counters' page, and of what tells that it runs."""
    return site.port("traefik_http"), site.port("traefik_metrics"), site.port("traefik_ping")


def kinds(folder: Path) -> list[Object]:
    """Of the files of a folder."""
    texts = [file.read_text() for file in sorted(folder.glob("*.yaml"))]
    return [one for text in texts for one in yaml.load_all(text, yaml.CSafeLoader) if one]


def settings(address: str, http: int, metrics: int, ping: int) -> Manifest:
    """Its static configuration; what it serves is in the cluster.

    Source: https://doc.traefik.io/traefik/reference/install-configuration/providers/kubernetes/kubernetes-gateway/
    """
    # X_Real_Ip and the like: many services would read them as the headers that the router sets
    names: Manifest = {"aliasHeadersStrategy": "delete"}
    return {
        "entryPoints": {
            "http": {"address": f"{address}:{http}", "http": names},
            "metrics": {"address": f"{address}:{metrics}", "http": names},
            "ping": {"address": f"{LOOPBACK}:{ping}", "http": names},
        },
        "ping": {"entryPoint": "ping"},
        "metrics": {"prometheus": {"addServicesLabels": True, "buckets": list(BUCKETS_S), "entryPoint": "metrics"}},
        "providers": {
            "providersThrottleDuration": THROTTLE,
            "kubernetesGateway": {"statusAddress": {"ip": address}},
        },
        "global": {"checkNewVersion": False, "sendAnonymousUsage": False},
        "log": {"level": "WARN"},
    }
