"""CoreDNS: names of services for the pods of a cluster, and what this machine resolves for everything else."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from activities.clusters.providers.local.control_plane import LOOPBACK
from activities.clusters.providers.local.host_node import SETTINGS, write
from activities.clusters.providers.local.parts.port import Process, Site
from domain.clusters.beside import cluster_dns
from domain.clusters.parts import DOMAIN, dns_address
from domain.core.documents import Object
from domain.core.errors import SluicewayError

VERSION = "1.15.0"
RESOLVERS = Path("/etc/resolv.conf")


class CoreDns:
    """Listens on this machine's address in the network of the nodes; pods ask the service `kube-dns`."""

    name = "coredns"

    def blocker(self, site: Site) -> str:
        try:
            site.program(self.name, VERSION)
        except SluicewayError as missing:
            return f"{missing.what}; to fix it: {missing.fix}"
        return ""

    def objects(self, site: Site) -> Sequence[Object]:
        return cluster_dns.objects(site.address, dns_address(site.spec.network.services))

    def processes(self, site: Site) -> Sequence[Process]:
        file, ready = site.folder(self.name) / "Corefile", site.port("coredns_ready")
        text = corefile(site.address, site.kubeconfig(self.name, cluster_dns.USER), ready, _resolvers())
        write(file, text)
        told = hashlib.sha256(text.encode()).hexdigest()
        command = [site.program(self.name, VERSION), "-conf", str(file)]
        return [Process(self.name, command, ready, {SETTINGS: told})]

    def unready(self, site: Site) -> str:
        return ""

    def clean_up(self, site: Site) -> None:
        """It leaves nothing."""


def corefile(address: str, kubeconfig: Path, ready: int, resolvers: str) -> str:
    """Its settings. `resolvers`: a file as of resolv.conf, or empty: names outside of the cluster are unknown.

    Source: https://coredns.io/plugins/kubernetes/
    """
    others = f"    forward . {resolvers}\n" if resolvers else ""
    return f""".:{cluster_dns.PORT} {{
    bind {address}
    errors
    ready {LOOPBACK}:{ready}
    kubernetes {DOMAIN} in-addr.arpa ip6.arpa {{
        kubeconfig {kubeconfig}
        ttl 5
        fallthrough in-addr.arpa ip6.arpa
    }}
{others}    cache 5
    loop
}}
"""


def _resolvers() -> str:
    """This machine's list of name servers, if it names any: without one, CoreDNS refuses to start."""
    try:
        lines = RESOLVERS.read_text().splitlines()
    except (OSError, UnicodeDecodeError):
        return ""
    return str(RESOLVERS) if any(line.split()[:1] == ["nameserver"] for line in lines) else ""
