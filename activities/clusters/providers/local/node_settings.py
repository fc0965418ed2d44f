"""What the programs of a node are told: the kubelet's and kube-proxy's settings, containerd's, and the CNI's."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from activities.clusters.providers.local import busybox_image as images
from activities.clusters.providers.local.control_plane import LOOPBACK, memory_mb
from domain.clusters.parts import DOMAIN, Role, dns_address
from domain.clusters.spec import ClusterSpec, NodePool
from domain.core.documents import Manifest

if TYPE_CHECKING:
    from activities.clusters.providers.local.host_node import HostNode

PLUGINS = Path("/usr/lib/cni")
EVICTION_MB = 100


def kubelet(node: HostNode, spec: ClusterSpec, pool: NodePool, serving: str) -> Manifest:
    """A KubeletConfiguration (kubelet.config.k8s.io/v1beta1). `serving`: the name of its server's certificate.

    Images are never collected (a high threshold of 100 says so): the sandbox image is not pulled from anywhere, so a
    kubelet that removes it on a full disk can start no pod any more.
    """
    pki, ports = node.plane.pki, node.plane.ports()
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": node.address(spec),
        "port": ports["kubelet"],
        "healthzBindAddress": LOOPBACK,
        "healthzPort": ports["kubelet_health"],
        "authentication": {"anonymous": {"enabled": False}, "x509": {"clientCAFile": pki.crt("ca")}},
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": pki.crt(serving),
        "tlsPrivateKeyFile": pki.key(serving),
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{node.mark}",
        "failSwapOn": False,
        "makeIPTablesUtilChains": False,
        "maxPods": pool.pods,
        "systemReserved": _reserved(pool),
        "containerRuntimeEndpoint": f"unix://{node.socket}",
        "enforceNodeAllocatable": [],
        "imageGCHighThresholdPercent": 100,
        "imageGCLowThresholdPercent": 99,
        "evictionHard": {
            "memory.available": f"{EVICTION_MB}Mi",
            "nodefs.available": "1%",
            "imagefs.available": "1%",
        },
        "nodeStatusReportFrequency": "10s",
        "podLogsDir": str(node.folder / "pod-logs"),
        **_names(spec),
    }


def _names(spec: ClusterSpec) -> Manifest:
    """Whom pods ask for names: the cluster's DNS, or else what this machine asks."""
    if Role.DNS not in spec.parts:
        return {}
    return {"clusterDNS": [dns_address(spec.network.services)], "clusterDomain": DOMAIN}


def _reserved(pool: NodePool) -> dict[str, str]:
    """Resources of the machine that the node does not offer: it offers its pool's capacity, or all if that is less."""
    cpu = (os.cpu_count() or 1) - pool.cpu
    memory = memory_mb("MemTotal") - EVICTION_MB - pool.memory_mb
    return {"cpu": f"{max(cpu, 0):g}", "memory": f"{max(memory, 0)}Mi"}


def proxy(node: HostNode, spec: ClusterSpec) -> Manifest:
    """A KubeProxyConfiguration (kubeproxy.config.k8s.io/v1alpha1)."""
    ports = node.plane.ports()
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "clientConnection": {"kubeconfig": str(node.folder / "kube-proxy.kubeconfig")},
        "mode": "iptables",
        "hostnameOverride": node.name,
        "clusterCIDR": spec.network.pods,
        "conntrack": {"maxPerCore": 0},
        "healthzBindAddress": f"{LOOPBACK}:{ports['proxy']}",
        "metricsBindAddress": f"{LOOPBACK}:{ports['proxy_metrics']}",
    }


def registries(folder: Path) -> Path:
    """Where a cluster's containerds find how to reach a registry; read at each pull.

    Source: https://github.com/containerd/containerd/blob/main/docs/hosts.md
    """
    return folder / "registries"


def containerd(node: HostNode) -> str:
    """Its configuration file. `restrict_oom_score_adj`: needed to start pods where the score cannot be lowered, as in a
    container.
    """
    return f"""version = 2
root = "{node.folder / "containerd"}"
state = "{node.run / "containerd"}"
[grpc]
  address = "{node.socket}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{images.PAUSE}"
  restrict_oom_score_adj = true
  disable_tcp_service = true
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "{registries(node.plane.folder)}"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{PLUGINS}"
    conf_dir = "{node.folder / "cni"}"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
"""


def conflist(node: HostNode, cidr: str) -> str:
    """A CNI network of one bridge; `cidr`: the node's pod range."""
    ipam = {
        "type": "host-local",
        "ranges": [[{"subnet": cidr}]],
        "dataDir": str(node.folder / "addresses"),
        "routes": [{"dst": "0.0.0.0/0"}],
    }
    plugin = {"type": "bridge", "bridge": node.bridge, "isGateway": True, "hairpinMode": True, "ipam": ipam}
    return json.dumps({"cniVersion": "0.4.0", "name": node.link, "plugins": [plugin]}, indent=1)
