"""metrics-server: what pods and nodes use now, for autoscalers and `cluster show`."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path

from activities.clusters.providers.local.parts.port import Process, Site
from domain.clusters.beside import resource_metrics as api
from domain.clusters.health import why_not
from domain.core.documents import Object
from domain.core.errors import SluicewayError

VERSION = "0.9.0"
RESOLUTION_S = 10
"""The shortest that it takes; a rate needs two readings."""
KUBELET_S = 8
"""A kubelet that is silent for as long is left out of a reading: it must be less than the resolution."""


class MetricsServer:
    """Listens on this machine's address in the network of the nodes; the API server asks it in the name of users."""

    name = "metrics-server"

    def blocker(self, site: Site) -> str:
        """Empty: its program is built."""
        try:
            site.program(self.name, VERSION)
        except SluicewayError as missing:
            return f"{missing.what}; to fix it: {missing.fix}"
        return ""

    def objects(self, site: Site) -> Sequence[Object]:
        """Its rights, its address, and the API that it serves."""
        authority = base64.b64encode(Path(site.plane.pki.crt("ca")).read_bytes()).decode()
        return api.objects(site.address, site.port("metrics_server"), authority)

    def processes(self, site: Site) -> Sequence[Process]:
        """One, on this machine."""
        pki, kubeconfig, serving = site.plane.pki, site.kubeconfig(self.name, api.USER), "part-metrics-server-serving"
        pki.leaf(serving, "ca", api.USER, hosts=[api.HOST, site.address])
        client = f"part-{self.name}"
        command = [
            site.program(self.name, VERSION),
            *(f"--{word}kubeconfig={kubeconfig}" for word in ("", "authentication-", "authorization-")),
            f"--bind-address={site.address}",
            f"--secure-port={site.port('metrics_server')}",
            f"--tls-cert-file={pki.crt(serving)}",
            f"--tls-private-key-file={pki.key(serving)}",
            f"--kubelet-certificate-authority={pki.crt('ca')}",
            f"--kubelet-client-certificate={pki.crt(client)}",
            f"--kubelet-client-key={pki.key(client)}",
            "--kubelet-preferred-address-types=InternalIP",
            "--kubelet-use-node-status-port",
            f"--metric-resolution={RESOLUTION_S}s",
            f"--kubelet-request-timeout={KUBELET_S}s",
        ]
        return [Process(self.name, command)]

    def unready(self, site: Site) -> str:
        """Whether the API server reaches it."""
        name = f"{api.VERSION}.{api.GROUP}"
        found = site.kube.get("apiregistration.k8s.io/v1", "APIService", name) or {}
        why = why_not(found, "Available")
        return f"{name} is not available: {why}" if why else ""

    def clean_up(self, site: Site) -> None:
        """It leaves nothing."""
