"""A real control plane on this machine: etcd, kube-apiserver, kube-controller-manager, kube-scheduler.

All use TLS with their own certificates; etcd trusts its own CA, so API clients cannot reach it. All files of a cluster
are in one folder, and all its processes have one marker.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from activities.clusters.processes import Components, ProgressCallback, program
from activities.clusters.providers.local import audit_log
from activities.clusters.providers.local.certificates import Pki
from activities.core.files import write_atomically
from activities.supervisor.service import free_port
from domain.clusters.spec import NODE_PREFIX, ClusterSpec
from domain.core.documents import Node
from domain.core.errors import SluicewayError
from domain.core.values import Json

VERSION = "1.34.4"
"""Programs built by `make cluster-tools`."""
LOOPBACK = "127.0.0.1"
PARTS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")
AGGREGATOR = "front-proxy-client"
"""Whom other API servers take for this one."""
MEMORY_MB = 700
"""Resident memory of the four, with room for growth."""


_HERE_ONLY = [f"--bind-address={LOOPBACK}", f"--advertise-address={LOOPBACK}", "--endpoint-reconciler-type=none"]
"""No pod reaches such an API. Left to itself, the API server advertises the default route's address, and ends where
there is none: a cluster of played nodes is for a machine without a network, too."""


@dataclass(frozen=True)
class ControlPlane:
    """The control plane of one cluster. `tools`: folder with the built programs."""

    folder: Path
    tools: Path
    name: str

    @property
    def pki(self) -> Pki:
        """Its certificates, in `pki`."""
        return Pki(self.folder / "pki")

    @property
    def key(self) -> str:
        """Marks the processes of this cluster; derived from its folder, so it is the same after a restart."""
        return f"cluster-{hashlib.sha256(str(self.folder).encode()).hexdigest()[:16]}"

    @property
    def components(self) -> Components:
        """Its programs, each with a folder in `run`."""
        return Components(self.folder / "run", self.key)

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig; exists once the control plane was started."""
        return self.folder / "kubeconfig"

    def binary(self, name: str) -> str:
        """Path of a program of the installed Kubernetes version."""
        return program(name, self.tools / f"kubernetes-v{VERSION}")

    def blocker(self, spec: ClusterSpec) -> str:
        """What prevents its creation; empty: nothing."""
        if spec.version and not f"{VERSION}.".startswith(f"{spec.version}."):
            return f"Kubernetes {spec.version} is requested, but {VERSION} is built here"
        try:
            program("etcd")
            for part in PARTS[1:]:
                self.binary(part)
        except SluicewayError as missing:
            return f"{missing.what}; to fix it: {missing.fix}"
        free_mb = memory_mb("MemAvailable")
        if free_mb < MEMORY_MB and not self.running():
            return f"{free_mb} MB of memory are free, but a control plane needs {MEMORY_MB}"
        return ""

    def state(self) -> Node:
        """The stored ports and ranges; empty: not created."""
        try:
            return Node(json.loads((self.folder / "cluster.json").read_text()))
        except (OSError, ValueError):
            return Node()

    def remember(self, **values: Json) -> None:
        """Merges values into `cluster.json`."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        known = {**self.state().object(), **values}
        write_atomically(self.folder / "cluster.json", json.dumps(known, indent=1))

    def ports(self) -> dict[str, int]:
        """Port by name in PORTS; free ports are chosen once and kept."""
        return self.ports_for(PORTS)

    def ports_for(self, names: Iterable[str]) -> dict[str, int]:
        """Those that the cluster has, and a free one for each name that has none yet."""
        known = {name: port.whole() for name, port in self.state()["ports"].fields()}
        lacking = [name for name in names if name not in known]
        chosen: set[int] = set()
        while len(chosen) < len(lacking):
            chosen |= {free_port()} - set(known.values())
        if lacking:
            known |= dict(zip(lacking, sorted(chosen), strict=True))
            self.remember(ports=known)
        return known

    def start(self, spec: ClusterSpec, told: ProgressCallback, address: str = "") -> None:
        """`address`: where nodes and pods reach the API; empty: this machine only."""
        ports = self.ports()
        told("makes certificates")
        self._certificates(spec, address)
        self._kubeconfigs(ports["api"])
        parts = self.components
        parts.start("etcd", self._etcd(ports), ports["etcd"])
        parts.wait("etcd", told)
        parts.start("kube-apiserver", self._apiserver(spec, ports, address), ports["api"])
        parts.wait("kube-apiserver", told)
        parts.start("kube-controller-manager", self._manager(spec, ports), ports["manager"])
        parts.start("kube-scheduler", self._scheduler(ports), ports["scheduler"])
        for name in PARTS[2:]:
            parts.wait(name, told)

    def running(self) -> bool:
        """Whether every program of the control plane is ready."""
        return all(self.components.runs(name) for name in PARTS)

    def stop(self) -> None:
        """Stops the programs and deletes their data; certificates stay until the folder is removed."""
        self.components.stop(*reversed(PARTS))
        shutil.rmtree(self.folder / "etcd", ignore_errors=True)

    def remove(self) -> None:
        """Deletes the cluster's folder with data and keys; undeletable files are ignored."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _certificates(self, spec: ClusterSpec, address: str) -> None:
        pki = self.pki
        pki.authority("ca")
        pki.authority("etcd-ca")
        pki.authority("front-proxy-ca")
        pki.service_accounts()
        first = str(ipaddress.ip_network(spec.network.services)[1])
        names = ["kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"]
        hosts = ["localhost", *names, LOOPBACK, first, *([address] if address else [])]
        pki.leaf("apiserver", "ca", "kube-apiserver", hosts=hosts)
        pki.leaf("apiserver-kubelet", "ca", "kube-apiserver-kubelet-client", "system:masters")
        pki.leaf("etcd", "etcd-ca", "etcd", hosts=["localhost", LOOPBACK])
        pki.leaf("apiserver-etcd", "etcd-ca", "kube-apiserver")
        pki.leaf("front-proxy-client", "front-proxy-ca", AGGREGATOR)
        pki.leaf("admin", "ca", "sluiceway", "system:masters")
        for part in PARTS[2:]:
            pki.leaf(part, "ca", f"system:{part}")

    def _kubeconfigs(self, port: int) -> None:
        self.write_kubeconfig(self.kubeconfig, "admin", port)
        for part in PARTS[2:]:
            self.write_kubeconfig(self.folder / f"{part}.kubeconfig", part, port)

    def write_kubeconfig(self, path: Path, user: str, port: int, address: str = LOOPBACK) -> None:
        """Written as JSON, which is valid YAML."""
        made = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [
                {
                    "name": self.name,
                    "cluster": {"server": f"https://{address}:{port}", "certificate-authority": self.pki.crt("ca")},
                }
            ],
            "users": [
                {
                    "name": user,
                    "user": {"client-certificate": self.pki.crt(user), "client-key": self.pki.key(user)},
                }
            ],
            "contexts": [{"name": self.name, "context": {"cluster": self.name, "user": user}}],
            "current-context": self.name,
        }
        path.write_text(json.dumps(made, indent=1))
        path.chmod(0o600)

    def _etcd(self, ports: dict[str, int]) -> list[str]:
        pki = self.pki
        peers = f"https://{LOOPBACK}:{ports['etcd_peer']}"
        clients = f"https://{LOOPBACK}:{ports['etcd']}"
        return [
            program("etcd"),
            f"--name={self.name}",
            f"--data-dir={self.folder / 'etcd'}",
            f"--listen-client-urls={clients}",
            f"--advertise-client-urls={clients}",
            f"--listen-peer-urls={peers}",
            f"--initial-advertise-peer-urls={peers}",
            f"--initial-cluster={self.name}={peers}",
            "--client-cert-auth",
            f"--trusted-ca-file={pki.crt('etcd-ca')}",
            f"--cert-file={pki.crt('etcd')}",
            f"--key-file={pki.key('etcd')}",
            "--peer-client-cert-auth",
            f"--peer-trusted-ca-file={pki.crt('etcd-ca')}",
            f"--peer-cert-file={pki.crt('etcd')}",
            f"--peer-key-file={pki.key('etcd')}",
            "--quota-backend-bytes=2147483648",
            "--auto-compaction-retention=1",
        ]

    def _apiserver(self, spec: ClusterSpec, ports: dict[str, int], address: str) -> list[str]:
        pki = self.pki
        reach = ["--bind-address=0.0.0.0", f"--advertise-address={address}"] if address else _HERE_ONLY
        return [
            self.binary("kube-apiserver"),
            *reach,
            f"--secure-port={ports['api']}",
            f"--etcd-servers=https://{LOOPBACK}:{ports['etcd']}",
            f"--etcd-cafile={pki.crt('etcd-ca')}",
            f"--etcd-certfile={pki.crt('apiserver-etcd')}",
            f"--etcd-keyfile={pki.key('apiserver-etcd')}",
            f"--service-cluster-ip-range={spec.network.services}",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={pki.folder / 'sa.pub'}",
            f"--service-account-signing-key-file={pki.folder / 'sa.key'}",
            f"--client-ca-file={pki.crt('ca')}",
            f"--tls-cert-file={pki.crt('apiserver')}",
            f"--tls-private-key-file={pki.key('apiserver')}",
            f"--kubelet-certificate-authority={pki.crt('ca')}",
            f"--kubelet-client-certificate={pki.crt('apiserver-kubelet')}",
            f"--kubelet-client-key={pki.key('apiserver-kubelet')}",
            "--kubelet-preferred-address-types=InternalIP",
            "--authorization-mode=Node,RBAC",
            "--enable-admission-plugins=NodeRestriction",
            "--anonymous-auth=false",
            "--allow-privileged=true",
            "--feature-gates=WatchList=false",  # not supported by etcd 3.4; clients fall back after 30 s
            "--profiling=false",
            *self._aggregation(),
            *audit_log.flags(self.folder, spec),
        ]

    def _aggregation(self) -> list[str]:
        """How the API server asks another one, and how that one knows whom it asks for. It dials endpoints by itself:
        it may be where no kube-proxy is.

        Source: https://kubernetes.io/docs/tasks/extend-kubernetes/configure-aggregation-layer/
        """
        pki = self.pki
        return [
            f"--requestheader-client-ca-file={pki.crt('front-proxy-ca')}",
            f"--requestheader-allowed-names={AGGREGATOR}",
            "--requestheader-username-headers=X-Remote-User",
            "--requestheader-group-headers=X-Remote-Group",
            "--requestheader-extra-headers-prefix=X-Remote-Extra-",
            f"--proxy-client-cert-file={pki.crt('front-proxy-client')}",
            f"--proxy-client-key-file={pki.key('front-proxy-client')}",
            "--enable-aggregator-routing",
        ]

    def _manager(self, spec: ClusterSpec, ports: dict[str, int]) -> list[str]:
        pki = self.pki
        return [
            self.binary("kube-controller-manager"),
            f"--kubeconfig={self.folder / 'kube-controller-manager.kubeconfig'}",
            f"--secure-port={ports['manager']}",
            "--bind-address=127.0.0.1",
            "--leader-elect=false",
            "--use-service-account-credentials",
            f"--root-ca-file={pki.crt('ca')}",
            f"--service-account-private-key-file={pki.folder / 'sa.key'}",
            "--allocate-node-cidrs",
            f"--cluster-cidr={spec.network.pods}",
            f"--node-cidr-mask-size={NODE_PREFIX}",
            "--pvclaimbinder-sync-period=1s",  # by default a claim may wait 15 s for an existing volume
            "--profiling=false",
        ]

    def _scheduler(self, ports: dict[str, int]) -> list[str]:
        return [
            self.binary("kube-scheduler"),
            f"--kubeconfig={self.folder / 'kube-scheduler.kubeconfig'}",
            f"--secure-port={ports['scheduler']}",
            "--bind-address=127.0.0.1",
            "--leader-elect=false",
            "--profiling=false",
        ]


PORTS = (
    "api",
    "etcd",
    "etcd_peer",
    "manager",
    "scheduler",
    "kwok",
    "kubelet",
    "kubelet_health",
    "proxy",
    "proxy_metrics",
)


def memory_mb(word: str) -> int:
    """Memory of this machine by its name in /proc/meminfo: MemAvailable, MemTotal."""
    with open("/proc/meminfo") as file:
        lines = dict(line.split(":", 1) for line in file)
    return int(lines[word].split()[0]) // 1024
