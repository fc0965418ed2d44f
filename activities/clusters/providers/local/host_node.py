"""One node of a real cluster on this machine: its containerd, kubelet and kube-proxy, and their files.

Each node has a network namespace, connected to the bridge of the nodes: a machine can have many clusters, since what
kube-proxy and others do there stays there. Its programs share the file system, and use folders of their own.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from activities.clusters.processes import ProgressCallback, program
from activities.clusters.providers.local import busybox_image as images
from activities.clusters.providers.local import linux_host as machine
from activities.clusters.providers.local import node_settings as settings
from activities.clusters.providers.local.control_plane import LOOPBACK, ControlPlane
from activities.core.files import FOR_ALL, write_atomically
from domain.clusters.spec import ClusterSpec, NodePool

AGENT_PROGRAM = "agent-v1/agent"
"""Of deploy/cluster-tools: what the pods of jobs get from an image of each node."""
PARTS = ("containerd", "kubelet", "kube-proxy")
POLL_S = 0.1
SETTINGS = "SLUICEWAY_SETTINGS"
"""Environment variable with the digest of a program's settings: changed ones restart it; a kubelet's pods stay."""


@dataclass(frozen=True)
class HostNode:
    """`index` identifies a node in its cluster; names are short because of limits of links and sockets."""

    plane: ControlPlane
    index: int = 0
    name: str = ""

    @property
    def link(self) -> str:
        """The bridge of the cluster's nodes."""
        return f"slw{self._hash[:8]}"

    @property
    def bridge(self) -> str:
        """The pods' bridge, created by the network plugin in the node's namespace."""
        return f"{self.link}p"

    @property
    def namespace(self) -> str:
        """Empty: the machine's namespace."""
        return f"{self.link}n{self.index}" if self.index else ""

    @property
    def cable(self) -> str:
        """Name of the node's veth link to the bridge."""
        return f"{self.link}v{self.index}"

    @property
    def folder(self) -> Path:
        """The cluster's folder for the first node, a subfolder for every other one."""
        return self.plane.folder / f"node-{self.index}" if self.index else self.plane.folder

    @property
    def run(self) -> Path:
        """In `/run`, and short: socket paths are limited."""
        return Path("/run") / self.mark

    @property
    def root(self) -> Path:
        """The kubelet's root: it creates sockets there, whose paths are limited to 107 characters."""
        return Path("/var/lib") / self.mark

    @property
    def mark(self) -> str:
        """Marks the node's resources outside the cluster's folder."""
        return f"sluiceway-{self._hash}{self._tag}"

    @property
    def socket(self) -> Path:
        """Where its containerd listens."""
        return self.run / "containerd.sock"

    @property
    def ctr(self) -> list[str]:
        """The command-line prefix for containerd, in the kubelet's namespace."""
        return [program("ctr"), "--address", str(self.socket), "--namespace", "k8s.io"]

    @property
    def comment(self) -> str:
        """Marks iptables rules as the cluster's."""
        return f"sluiceway {self.link}"

    @property
    def _hash(self) -> str:
        return hashlib.sha256(self.plane.key.encode()).hexdigest()[:12]

    @property
    def _tag(self) -> str:
        return f"-{self.index}" if self.index else ""

    def part(self, name: str) -> str:
        """The name of this node's program among those of the cluster."""
        return f"{name}{self._tag}"

    def address(self, spec: ClusterSpec) -> str:
        """An address of the node network, by the node's index."""
        return str(ipaddress.ip_network(spec.network.nodes)[1 + self.index])

    # -- its network ---------------------------------------------------------------------------------------------

    def connect(self, spec: ClusterSpec) -> None:
        """Creates its namespace and veth link; the machine forwards its traffic."""
        if not self.namespace:
            return
        net, there = ipaddress.ip_network(spec.network.nodes), machine.within(self.namespace)
        if not machine.has_namespace(self.namespace):
            machine.ip("netns", "add", self.namespace)
        if not machine.has_link(self.cable):
            machine.ip("link", "add", self.cable, "type", "veth", "peer", "name", "eth0", "netns", self.namespace)
        machine.ip("link", "set", self.cable, "master", self.link, "up")
        machine.ip(*there, "link", "set", "lo", "up")
        machine.ip(*there, "addr", "replace", f"{self.address(spec)}/{net.prefixlen}", "dev", "eth0")
        machine.ip(*there, "link", "set", "eth0", "up")
        machine.ip(*there, "route", "replace", "default", "via", str(net[1]))
        machine.run(machine.inside(self.namespace, [program("busybox"), "sysctl", "-w", "net.ipv4.ip_forward=1"]))

    def give_pods(self, spec: ClusterSpec, cidr: str) -> None:
        """Routes the node's pod range through it."""
        write(self.folder / "cni" / "10-bridge.conflist", settings.conflist(self, cidr))
        if self.namespace:
            self._forget_routes(spec, cidr, spec.network.services)
            machine.ip("route", "replace", cidr, "via", self.address(spec), "dev", self.link)

    def _forget_routes(self, spec: ClusterSpec, *but: str) -> None:
        for one in machine.told("route", "show", "via", self.address(spec)):
            if (net := one["dst"].text()) not in but:
                machine.ip("route", "del", net, "via", self.address(spec))

    # -- its programs --------------------------------------------------------------------------------------------

    def start_containerd(self, spec: ClusterSpec, told: ProgressCallback) -> None:
        """Waits for its socket, then imports busybox and the archives of `connection.images`."""
        self.run.mkdir(parents=True, exist_ok=True, mode=0o700)
        told(f"starts the containerd of {self.name}")
        write(self.folder / "containerd.toml", settings.containerd(self))
        command = [program("containerd"), "--config", str(self.folder / "containerd.toml")]
        self.plane.components.start(self.part("containerd"), machine.inside(self.namespace, command), 0)
        deadline = time.monotonic() + machine.COMMAND_S
        while not self.socket.exists() and time.monotonic() < deadline:
            told("waits for containerd")
            time.sleep(POLL_S)
        self._load_images(spec, told)

    def _load_images(self, spec: ClusterSpec, told: ProgressCallback) -> None:
        archive = images.busybox(self.plane.folder / "busybox.tar", Path(program("busybox")))
        folder, program_ = spec.connection.get("images", ""), self.plane.tools / AGENT_PROGRAM
        agents = [images.agent(self.plane.folder / "agent.tar", program_)] if program_.exists() else []
        for one in [archive, *agents, *(sorted(Path(folder).glob("*.tar")) if folder else [])]:
            told(f"loads {one.name}")
            machine.run([*self.ctr, "images", "import", str(one)])

    def lacks_image(self) -> bool:
        """Whether the sandbox image is gone, so that no pod can start; False while containerd is down."""
        if not self.plane.components.runs(self.part("containerd")):
            return False
        return images.PAUSE not in machine.lines([*self.ctr, "images", "list", "--quiet"])

    def start_kubelet(self, spec: ClusterSpec, pool: NodePool, fresh: bool, told: ProgressCallback) -> None:
        """`fresh`: it registers at its first start only."""
        told(f"starts the kubelet of {self.name}")
        self._configure(spec, pool)
        machine.make_cgroup(self.mark)
        parts, ports = self.plane.components, self.plane.ports()
        if fresh:
            parts.stop(self.part("kubelet"))
        for name, command, port in (
            ("kubelet", self._kubelet(spec), ports["kubelet_health"]),
            ("kube-proxy", self._proxy(), ports["proxy"]),
        ):
            seen = 0 if self.namespace else port  # from here, a listener on another loopback is invisible
            told_it = hashlib.sha256((self.folder / f"{name}.json").read_bytes()).hexdigest()
            parts.start(self.part(name), machine.inside(self.namespace, command), seen, {SETTINGS: told_it})

    def wait(self, told: ProgressCallback) -> None:
        """Waits until every program after containerd is ready."""
        for name in PARTS[1:]:
            self.plane.components.wait(self.part(name), told)

    def _configure(self, spec: ClusterSpec, pool: NodePool) -> None:
        pki, ports = self.plane.pki, self.plane.ports()
        address = self.address(spec)
        pki.leaf(f"kubelet-{self.name}", "ca", f"system:node:{self.name}", "system:nodes")
        serving = f"kubelet-server-{self.name}"
        pki.leaf(serving, "ca", f"system:node:{self.name}", "system:nodes", [self.name, address])
        pki.leaf("kube-proxy", "ca", "system:kube-proxy")
        api = LOOPBACK if not self.namespace else HostNode(self.plane).address(spec)
        for part, user in (("kubelet", f"kubelet-{self.name}"), ("kube-proxy", "kube-proxy")):
            self.plane.write_kubeconfig(self.folder / f"{part}.kubeconfig", user, ports["api"], api)
        write(self.folder / "kubelet.json", json.dumps(settings.kubelet(self, spec, pool, serving), indent=1))
        write(self.folder / "kube-proxy.json", json.dumps(settings.proxy(self, spec), indent=1))

    def _kubelet(self, spec: ClusterSpec) -> list[str]:
        return [
            self.plane.binary("kubelet"),
            f"--config={self.folder / 'kubelet.json'}",
            f"--kubeconfig={self.folder / 'kubelet.kubeconfig'}",
            f"--root-dir={self.root}",
            f"--cert-dir={self.folder / 'pki'}",
            f"--hostname-override={self.name}",
            f"--node-ip={self.address(spec)}",
        ]

    def _proxy(self) -> list[str]:
        return [self.plane.binary("kube-proxy"), f"--config={self.folder / 'kube-proxy.json'}"]

    # -- removal -------------------------------------------------------------------------------------------------

    def end(self, spec: ClusterSpec, told: ProgressCallback) -> None:
        """Removes everything of the node, including what its own programs left."""
        parts = self.plane.components
        parts.stop(*(self.part(name) for name in PARTS[1:]))
        if self.socket.exists() and parts.runs(self.part("containerd")):
            told(f"stops what still runs on {self.name}")
            for task in machine.lines([*self.ctr, "tasks", "list", "--quiet"]):
                machine.run([*self.ctr, "tasks", "delete", "--force", task], check=False)
        if not self.namespace and (self.folder / "kube-proxy.json").exists():
            machine.run([*self._proxy(), "--cleanup"], check=False)
            _remove_firewall()
        parts.stop(self.part("containerd"))
        machine.remove_cgroup(self.mark)  # before anything that its processes may still hold
        self.disconnect(spec)
        machine.unmount(self.folder / "containerd", *self._folders())
        for folder in self._folders():
            shutil.rmtree(folder, ignore_errors=True)

    def disconnect(self, spec: ClusterSpec) -> None:
        """Deletes the network namespaces of its pods and its own, its routes, and its cable."""
        for name in self.sandboxes():
            machine.ip("netns", "delete", name)
        if self.namespace:
            self._forget_routes(spec)
            if machine.has_namespace(self.namespace):
                machine.ip("netns", "delete", self.namespace)
            machine.remove_link(self.cable)

    def sandboxes(self) -> list[str]:
        """Names of its pods' network namespaces; empty when the node's own is gone."""
        if self.namespace and not machine.has_namespace(self.namespace):
            return []
        return machine.sandboxes(self.bridge, self.namespace)

    def _folders(self) -> list[Path]:
        """Folders of this node only; the first node's is the cluster's, removed with the network."""
        return [self.run, self.root, *([self.folder] if self.index else [])]


def write(path: Path, text: str) -> None:
    """Replaces a file that every user may read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, text, FOR_ALL)


def _remove_firewall() -> None:
    """Removes the one chain that kube-proxy's own clean-up leaves."""
    for chain in ("INPUT", "OUTPUT"):
        machine.run(["iptables", "-w", "-D", chain, "-j", "KUBE-FIREWALL"], check=False)
    for order in ("-F", "-X"):
        machine.run(["iptables", "-w", order, "KUBE-FIREWALL"], check=False)
