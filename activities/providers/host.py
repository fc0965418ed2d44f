"""A real cluster on this machine: containerd, kubelet and kube-proxy beside a real control plane. One node; needs root.

Node and pods are on two bridges of the cluster's own. No image is pulled to begin with: the one
that holds a pod together is made of this machine's static busybox, and archives of images are loaded from a folder.
"""

from __future__ import annotations

import contextlib
import hashlib
import ipaddress
import json
import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from activities.kube import Kube
from activities.providers import images
from activities.providers.components import Told, program
from activities.providers.control_plane import ControlPlane
from activities.providers.local import LocalProvider
from domain.cluster import manifests
from domain.cluster.spec import ClusterSpec, node_names
from domain.errors import SluicewayError

PLUGINS = Path("/usr/lib/cni")
PARTS = ("containerd", "kubelet", "kube-proxy")
MEMORY_MB = 250
REGISTER_S = 60
POLL_S = 0.1
COMMAND_S = 60
EVICT_S = 60


@dataclass(frozen=True)
class Place:
    """Names on this machine that belong to one cluster: short, since links and sockets allow few characters."""

    plane: ControlPlane

    @property
    def link(self) -> str:
        return f"slw{self._hash[:8]}"

    @property
    def pods(self) -> str:
        """The bridge of the pods, which the network plugin makes."""
        return f"{self.link}p"

    @property
    def run(self) -> Path:
        return Path("/run") / f"sluiceway-{self._hash}"

    @property
    def root(self) -> Path:
        """The kubelet's: it makes sockets in it, whose paths may have 107 characters."""
        return Path("/var/lib") / f"sluiceway-{self._hash}"

    @property
    def folders(self) -> tuple[Path, ...]:
        return self.plane.folder, self.run, self.root

    @property
    def socket(self) -> Path:
        return self.run / "containerd.sock"

    @property
    def _hash(self) -> str:
        return hashlib.sha256(self.plane.key.encode()).hexdigest()[:12]

    @property
    def comment(self) -> str:
        return f"sluiceway {self.link}"


class HostProvider(LocalProvider):
    """`connection.images`: a folder with archives of images (docker save) to load."""

    name = "host"
    parts = PARTS

    def place(self, name: str) -> Place:
        return Place(self.plane(name))

    def _address(self, spec: ClusterSpec) -> str:
        return str(ipaddress.ip_network(spec.network.nodes)[1])

    def _programs(self, spec: ClusterSpec) -> str:
        if os.geteuid() != 0:
            return "a kubelet needs root, and this worker is not root"
        if spec.nodes != 1:
            return f"this provider makes one node, and {spec.nodes} are asked for"
        if spec.network.plugin != "bridge":
            return f"this provider connects pods by a bridge, and {spec.network.plugin} is asked for"
        try:
            for name in ("containerd", "ctr", "runc", "ip", "iptables", "conntrack", "busybox"):
                program(name)
            for name in PARTS[1:]:
                self.plane(spec.name).binary(name)
        except SluicewayError as missing:
            return f"{missing.what}; to fix it: {missing.fix}"
        if not (PLUGINS / "bridge").exists():
            return f"there are no CNI plugins in {PLUGINS}; install containernetworking-plugins"
        others = [one.parent.name for one in self.root.glob("*/host") if one.parent.name != spec.name]
        return f"cluster {others[0]} has this machine's kube-proxy rules; delete it first" if others else ""

    def _make_network(self, spec: ClusterSpec) -> None:
        place, net = self.place(spec.name), ipaddress.ip_network(spec.network.nodes)
        place.plane.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (place.plane.folder / "host").touch()
        if not _link(place.link):
            _ip("link", "add", place.link, "type", "bridge")
        _ip("addr", "replace", f"{net[1]}/{net.prefixlen}", "dev", place.link)
        _ip("link", "set", place.link, "up")
        Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
        for table, rule in _rules(place, spec):
            if _run(["iptables", "-w", "-t", table, "-C", *rule], check=False):
                _run(["iptables", "-w", "-t", table, "-I", *rule])

    def _remove_network(self, spec: ClusterSpec) -> None:
        place = self.place(spec.name)
        for table, rule in _rules(place, spec):
            while not _run(["iptables", "-w", "-t", table, "-D", *rule], check=False):
                continue
        _remove_sandboxes(place)
        for link in (place.link, place.pods):
            if _link(link):
                _ip("link", "del", link)

    def _start_nodes(self, spec: ClusterSpec, kube: Kube, told: Told) -> None:
        (pool, name, zone), *_ = node_names(spec)
        place = self.place(spec.name)
        parts, ports = place.plane.components, place.plane.ports()
        place.run.mkdir(parents=True, exist_ok=True, mode=0o700)
        told("starts containerd")
        _write(place.plane.folder / "containerd.toml", _containerd(place))
        command = [program("containerd"), "--config", str(place.plane.folder / "containerd.toml")]
        parts.start("containerd", command, 0)
        self._images(spec, place, told)
        told("starts the kubelet")
        self._configure(spec, place, name, pool.pods)
        if kube.get("v1", "Node", name) is None:  # it registers when it starts, and never again
            parts.stop("kubelet")
        parts.start("kubelet", self._kubelet(spec, place, name), ports["kubelet_health"])
        parts.start("kube-proxy", self._proxy(place), ports["proxy"])
        cidr = _registered(kube, name, told)
        _write(place.plane.folder / "cni" / "10-bridge.conflist", _bridge(place, cidr))
        kube.apply(manifests.node(pool, name, zone))
        for part in PARTS[1:]:
            parts.wait(part, told)

    def _images(self, spec: ClusterSpec, place: Place, told: Told) -> None:
        archive = images.busybox(place.plane.folder / "busybox.tar", Path(program("busybox")))
        folder = spec.connection.get("images", "")
        archives = [archive, *(sorted(Path(folder).glob("*.tar")) if folder else [])]
        deadline = time.monotonic() + COMMAND_S
        while not place.socket.exists() and time.monotonic() < deadline:
            told("waits for containerd")
            time.sleep(POLL_S)
        for one in archives:
            told(f"loads {one.name}")
            _run([*_ctr(place), "images", "import", str(one)])

    def _configure(self, spec: ClusterSpec, place: Place, name: str, pods: int) -> None:
        plane, ports, pki = place.plane, place.plane.ports(), place.plane.pki
        address = self._address(spec)
        pki.leaf("kubelet", "ca", f"system:node:{name}", "system:nodes")
        pki.leaf("kubelet-server", "ca", f"system:node:{name}", "system:nodes", [name, address])
        pki.leaf("kube-proxy", "ca", "system:kube-proxy")
        for part in PARTS[1:]:
            plane.write_kubeconfig(plane.folder / f"{part}.kubeconfig", part, ports["api"])
        kubelet = {
            "apiVersion": "kubelet.config.k8s.io/v1beta1",
            "kind": "KubeletConfiguration",
            "address": address,
            "port": ports["kubelet"],
            "healthzBindAddress": "127.0.0.1",
            "healthzPort": ports["kubelet_health"],
            "authentication": {"anonymous": {"enabled": False}, "x509": {"clientCAFile": pki.crt("ca")}},
            "authorization": {"mode": "Webhook"},
            "tlsCertFile": pki.crt("kubelet-server"),
            "tlsPrivateKeyFile": pki.key("kubelet-server"),
            "cgroupDriver": "cgroupfs",
            "failSwapOn": False,
            "makeIPTablesUtilChains": False,
            "maxPods": pods,
            "containerRuntimeEndpoint": f"unix://{place.socket}",
            "enforceNodeAllocatable": [],
            "evictionHard": {"memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%"},
            "nodeStatusReportFrequency": "10s",
            "podLogsDir": str(plane.folder / "pod-logs"),
        }
        _write(plane.folder / "kubelet.json", json.dumps(kubelet, indent=1))
        proxy = {
            "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
            "kind": "KubeProxyConfiguration",
            "clientConnection": {"kubeconfig": str(plane.folder / "kube-proxy.kubeconfig")},
            "mode": "iptables",
            "hostnameOverride": name,
            "clusterCIDR": spec.network.pods,
            "conntrack": {"maxPerCore": 0},
            "healthzBindAddress": f"127.0.0.1:{ports['proxy']}",
            "metricsBindAddress": f"127.0.0.1:{ports['proxy_metrics']}",
        }
        _write(plane.folder / "kube-proxy.json", json.dumps(proxy, indent=1))

    def _kubelet(self, spec: ClusterSpec, place: Place, name: str) -> list[str]:
        folder = place.plane.folder
        return [
            place.plane.binary("kubelet"),
            f"--config={folder / 'kubelet.json'}",
            f"--kubeconfig={folder / 'kubelet.kubeconfig'}",
            f"--root-dir={place.root}",
            f"--cert-dir={folder / 'pki'}",
            f"--hostname-override={name}",
            f"--node-ip={self._address(spec)}",
        ]

    def _proxy(self, place: Place) -> list[str]:
        return [place.plane.binary("kube-proxy"), f"--config={place.plane.folder / 'kube-proxy.json'}"]

    def _stop_nodes(self, spec: ClusterSpec, told: Told) -> None:
        """Pods end first, by the kubelet's own hand; what is left then is ended without it."""
        place = self.place(spec.name)
        parts = place.plane.components
        with contextlib.suppress(SluicewayError):
            self._evict(spec, told)
        parts.stop("kubelet", "kube-proxy")
        if parts.runs("containerd") and place.socket.exists():
            told("ends what still runs in containers")
            for task in _lines([*_ctr(place), "tasks", "list", "--quiet"]):
                _run([*_ctr(place), "tasks", "delete", "--force", task], check=False)
        if (place.plane.folder / "kube-proxy.json").exists():
            command = [*self._proxy(place), "--cleanup"]
            _run(command, check=False)
            _remove_firewall()
        parts.stop("containerd")
        _remove_sandboxes(place)
        _unmount(*place.folders)
        for folder in (place.run, place.root):
            shutil.rmtree(folder, ignore_errors=True)

    def _evict(self, spec: ClusterSpec, told: Told) -> None:
        if not self.plane(spec.name).running():
            return
        kube = self.kube(spec.name)
        deadline = time.monotonic() + EVICT_S
        for pod in kube.items("v1", "Pod"):
            meta = pod["metadata"]
            kube.delete("v1", "Pod", meta["name"], meta["namespace"], grace_s=1)
        while (left := kube.items("v1", "Pod")) and time.monotonic() < deadline:
            told(f"{len(left)} pods end")
            time.sleep(POLL_S)

    def _leftover_links(self, spec: ClusterSpec) -> list[str]:
        """The chains of kube-proxy are told as ours: no second cluster of this kind is on the machine."""
        place = self.place(spec.name)
        found = [f"link {link}" for link in (place.link, place.pods) if _link(link)]
        found += [f"network namespace {one}" for one in _sandboxes(place)]
        found += [f"folder {one}" for one in (place.run, place.root) if one.exists()]
        found += [f"mount {one}" for one in _mounts(*place.folders)]
        rules = subprocess.run(["iptables-save"], capture_output=True, text=True, check=False).stdout.splitlines()
        return found + [f"rule {line}" for line in rules if place.comment in line or line.startswith(":KUBE-")]


def _sandboxes(place: Place) -> list[str]:
    """Network namespaces of pods on the cluster's bridge: of those that nobody ended, they stay. Once the bridge is
    gone, nothing tells whose they are."""
    if not _link(place.pods):
        return []
    names = {one["nsid"]: str(one["name"]) for one in _told("netns", "list-id") if "name" in one}
    links = _told("link", "show", "master", place.pods)
    return sorted({names[one["link_netnsid"]] for one in links if one.get("link_netnsid") in names})


def _remove_sandboxes(place: Place) -> None:
    for name in _sandboxes(place):
        _ip("netns", "delete", name)


def _told(*words: str) -> list[dict[str, Any]]:
    """What `ip` says, as data; nothing when it says nothing."""
    said = subprocess.run([program("ip"), "-j", *words], capture_output=True, text=True, check=False).stdout
    return list(json.loads(said)) if said.strip() else []


def _rules(place: Place, spec: ClusterSpec) -> list[tuple[str, list[str]]]:
    """Pods reach each other also where a Docker daemon denies what it does not know, and what is outside under the
    machine's address. Each with its table."""
    pods, ours = spec.network.pods, ["-m", "comment", "--comment", place.comment]
    return [
        ("nat", ["POSTROUTING", "-s", pods, "!", "-d", pods, *ours, "-j", "MASQUERADE"]),
        ("filter", ["FORWARD", "-s", pods, *ours, "-j", "ACCEPT"]),
        ("filter", ["FORWARD", "-d", pods, *ours, "-j", "ACCEPT"]),
    ]


def _remove_firewall() -> None:
    """The one chain that kube-proxy makes and its own clean-up leaves."""
    for chain in ("INPUT", "OUTPUT"):
        _run(["iptables", "-w", "-D", chain, "-j", "KUBE-FIREWALL"], check=False)
    for order in ("-F", "-X"):
        _run(["iptables", "-w", order, "KUBE-FIREWALL"], check=False)


def _registered(kube: Kube, name: str, told: Told) -> str:
    """The range of the node's pods, once it has registered.

    Raises:
        SluicewayError: SLW942, it did not.
    """
    deadline = time.monotonic() + REGISTER_S
    while time.monotonic() < deadline:
        told(f"waits until node {name} registers")
        found = kube.get("v1", "Node", name)
        if found and found["spec"].get("podCIDR"):
            return str(found["spec"]["podCIDR"])
        time.sleep(POLL_S)
    raise SluicewayError("SLW942", f"node {name} did not register within {REGISTER_S} s")


def _ctr(place: Place) -> list[str]:
    return [program("ctr"), "--address", str(place.socket), "--namespace", "k8s.io"]


def _containerd(place: Place) -> str:
    """`restrict_oom_score_adj`: without it no pod starts where the score may not be lowered, as in a container."""
    folder = place.plane.folder
    return f"""version = 2
root = "{folder / "containerd"}"
state = "{place.run / "containerd"}"
[grpc]
  address = "{place.socket}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{images.PAUSE}"
  restrict_oom_score_adj = true
  disable_tcp_service = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{PLUGINS}"
    conf_dir = "{folder / "cni"}"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
"""


def _bridge(place: Place, cidr: str) -> str:
    ipam = {
        "type": "host-local",
        "ranges": [[{"subnet": cidr}]],
        "dataDir": str(place.plane.folder / "addresses"),
        "routes": [{"dst": "0.0.0.0/0"}],
    }
    plugin = {"type": "bridge", "bridge": place.pods, "isGateway": True, "hairpinMode": True, "ipam": ipam}
    return json.dumps({"cniVersion": "0.4.0", "name": place.link, "plugins": [plugin]}, indent=1)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    new.write_text(text)
    new.rename(path)


def _link(name: str) -> bool:
    return Path(f"/sys/class/net/{name}").exists()


def _ip(*words: str) -> None:
    _run([program("ip"), *words])


def _run(command: Sequence[str], check: bool = True) -> int:
    """Raises:
    SluicewayError: SLW947, it failed, with what it said.
    """
    try:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=COMMAND_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as broken:
        raise SluicewayError("SLW947", f"{command[0]} cannot be run", why=str(broken)) from broken
    if check and ended.returncode:
        words = " ".join(command[:6])
        raise SluicewayError("SLW947", f"'{words}' failed", why=(ended.stderr or ended.stdout).strip()[-400:])
    return ended.returncode


def _lines(command: Sequence[str]) -> list[str]:
    ended = subprocess.run(command, capture_output=True, text=True, timeout=COMMAND_S, check=False)
    return ended.stdout.split()


def _mounts(*folders: Path) -> list[str]:
    with open("/proc/self/mounts") as file:
        points = [line.split()[1] for line in file]
    return [one for one in points if any(f"{one}/".startswith(f"{folder}/") for folder in folders)]


def _unmount(*folders: Path) -> None:
    for point in sorted(_mounts(*folders), key=len, reverse=True):
        subprocess.run(["umount", "--lazy", point], capture_output=True, check=False)
