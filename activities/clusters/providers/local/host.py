"""Real clusters on this machine: containerd, kubelet and kube-proxy beside a real control plane; needs root.

Each cluster has a bridge for its nodes, and each node one for its pods. No image needs to be pulled: the pause image is
built from this machine's static busybox, and image archives are loaded from a folder.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import time
from pathlib import Path

from activities.clusters.processes import ProgressCallback, program
from activities.clusters.providers.local import linux_host as machine
from activities.clusters.providers.local.control_plane import MEMORY_MB as CONTROL_PLANE_MB
from activities.clusters.providers.local.control_plane import memory_mb
from activities.clusters.providers.local.host_node import PARTS, HostNode
from activities.clusters.providers.local.node_settings import PLUGINS
from activities.clusters.providers.local.parts import kube_router
from activities.clusters.providers.local.parts.port import Site
from activities.clusters.providers.local.parts.running import Parts
from activities.clusters.providers.local.provider import LocalProvider
from activities.kubernetes.client import Kube
from domain.clusters import manifests, metadata
from domain.clusters.parts import memory_mb as memory_of
from domain.clusters.plan import Item, Phase
from domain.clusters.spec import ClusterSpec, node_names
from domain.core.documents import Node, Object
from domain.core.errors import SluicewayError
from domain.core.values import number

FIRST = 1
"""The index of the first node. 0 is this machine; until 2026-11 it was the first node, too, and one may be left."""
MEMORY_MB = 250
"""Resident memory of a node's programs, with room for growth."""
REGISTER_S = 60
POLL_S = 0.1
EVICT_S = 60


class HostProvider(LocalProvider):
    """`connection.images`: a folder with image archives (docker save) to load."""

    name = "host"

    def _address(self, spec: ClusterSpec) -> str:
        return self._machine(spec).address(spec)

    def _machine(self, spec: ClusterSpec) -> HostNode:
        """This machine, in the network of the nodes: it has the control plane, the parts, and the way out."""
        return HostNode(self.plane(spec.name))

    def _programs(self, spec: ClusterSpec) -> str:
        if os.geteuid() != 0:
            return "a kubelet needs root, and this worker is not root"
        if spec.network.plugin != "bridge":
            return f"this provider connects pods by a bridge, but {spec.network.plugin} is requested"
        try:
            for name in ("containerd", "ctr", "runc", "ip", "iptables", "conntrack", "busybox", "nsenter"):
                program(name)
            for name in PARTS[1:]:
                self.plane(spec.name).binary(name)
        except SluicewayError as missing:
            return f"{missing.what}; to fix it: {missing.fix}"
        if not (PLUGINS / "bridge").exists():
            return f"no CNI plugins in {PLUGINS}; install containernetworking-plugins"
        return self._parts(spec).blocker() or self._room(spec)

    # -- its parts beside the nodes ------------------------------------------------------------------------------

    def _parts(self, spec: ClusterSpec) -> Parts:
        nodes = sorted((self._node(spec, name) for name in self._known(spec)), key=lambda node: node.index)
        return Parts(Site(self.plane(spec.name), spec, tuple(nodes), self.kube(spec.name)))

    def apply(self, phase: Phase, spec: ClusterSpec, told: ProgressCallback) -> None:
        """Parts that a node needs come with the nodes, the others with the add-ons."""
        super().apply(phase, spec, told)
        self._parts(spec).apply(phase, told)

    def missing(self, phase: Phase, spec: ClusterSpec) -> str:
        """What the phase waits for; its parts last."""
        return super().missing(phase, spec) or self._parts(spec).missing(phase)

    def undo(self, phase: Phase, spec: ClusterSpec, told: ProgressCallback) -> None:
        """Pods end while their names are known and their policies are enforced."""
        super().undo(phase, spec, told)
        self._parts(spec).undo(phase, told)

    def existing(self, spec: ClusterSpec) -> list[Item]:
        """With the parts that were begun; sorted by phase."""
        found = [*super().existing(spec), *self._parts(spec).existing()]
        return sorted(found, key=lambda item: list(Phase).index(item.phase))

    def _room(self, spec: ClusterSpec) -> str:
        new = len([name for _, name, _ in node_names(spec) if name not in self._known(spec)])
        begun = {one.name for one in self._parts(spec).existing()}
        need = {
            "the control plane": 0 if self.plane(spec.name).running() else CONTROL_PLANE_MB,
            number(new, "new node"): new * MEMORY_MB,
            f"parts ({', '.join(spec.parts)})": memory_of(spec.parts, begun, spec.nodes, new),
        }
        if (free_mb := memory_mb("MemAvailable")) < sum(need.values()):
            told = [f"{what} {mb}" for what, mb in need.items() if mb]
            return f"{free_mb} MB of memory are free, but {sum(need.values())} are needed: {', '.join(told)}"
        return self._taken(spec)

    def _taken(self, spec: ClusterSpec) -> str:
        """Other routes of this machine into a range: nodes would be unreachable."""
        ours = self._machine(spec).link
        for net in (spec.network.nodes, spec.network.pods, spec.network.services):
            elsewhere = [one["dev"].text() for one in machine.told("route", "show", "root", net) if one["dev"]]
            if strange := [link for link in elsewhere if not link.startswith(ours)]:
                return f"{net} is routed to {strange[0]} on this machine: choose another range, or remove that link"
        return ""

    # -- the network of the nodes --------------------------------------------------------------------------------

    def _make_network(self, spec: ClusterSpec) -> None:
        here, net = self._machine(spec), ipaddress.ip_network(spec.network.nodes)
        here.plane.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not machine.has_link(here.link):
            machine.ip("link", "add", here.link, "type", "bridge")
        machine.ip("addr", "replace", f"{net[1]}/{net.prefixlen}", "dev", here.link)
        machine.ip("link", "set", here.link, "up")
        Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
        for table, rule in _rules(here, spec):
            machine.set_rule(table, rule)

    def _remove_network(self, spec: ClusterSpec) -> None:
        here = self._machine(spec)
        for table, rule in _rules(here, spec):
            machine.remove_rule(table, rule)
        here.disconnect(spec)
        for link in (here.link, here.bridge):
            machine.remove_link(link)

    # -- nodes ---------------------------------------------------------------------------------------------------

    def _known(self, spec: ClusterSpec) -> dict[str, int]:
        """Started nodes by name; each keeps its index."""
        return {name: index.whole() for name, index in self.plane(spec.name).state()["nodes"].fields()}

    def _node(self, spec: ClusterSpec, name: str) -> HostNode:
        """Recorded before any part is created."""
        known = self._known(spec)
        if name not in known:
            known[name] = min(set(range(FIRST, FIRST + len(known) + 1)) - set(known.values()))
            self.plane(spec.name).remember(nodes=known)
        return HostNode(self.plane(spec.name), known[name], name)

    def _start_nodes(self, spec: ClusterSpec, kube: Kube, told: ProgressCallback) -> None:
        """Starts all before waiting for the first."""
        begun = []
        for pool, name, zone in node_names(spec):
            node = self._node(spec, name)
            node.connect(spec)
            node.start_containerd(spec, told)
            node.start_kubelet(spec, pool, kube.get("v1", "Node", name) is None, told)
            begun.append((node, pool, zone))
        for node, pool, zone in begun:
            node.give_pods(spec, _registered(kube, node, told))
            kube.apply(manifests.node(pool, node.name, zone))
            node.wait(told)
        if begun:  # this machine reaches services as clients outside of a cluster do: by the kube-proxy of a node
            machine.ip("route", "replace", spec.network.services, "via", begun[0][0].address(spec))

    def _drift(self, spec: ClusterSpec) -> list[str]:
        nodes = [self._node(spec, name) for name in self._known(spec)]
        lacking = [f"the sandbox image of node {node.name} is gone" for node in nodes if node.lacks_image()]
        return lacking + self._parts(spec).drift()

    def _end_node(self, spec: ClusterSpec, name: str, told: ProgressCallback) -> None:
        node = self._node(spec, name)
        self._parts(spec).leave(node)
        node.end(spec, told)
        left = {other: index for other, index in self._known(spec).items() if other != name}
        self.plane(spec.name).remember(nodes=left)

    def _stop_nodes(self, spec: ClusterSpec, told: ProgressCallback) -> None:
        """The kubelets stop their pods first; leftovers are then removed without them."""
        with contextlib.suppress(SluicewayError):
            self._evict(spec, told)
        for name in self._known(spec):
            self._end_node(spec, name, told)

    def _evict(self, spec: ClusterSpec, told: ProgressCallback) -> None:
        """Controllers make their pods again, but without a scheduler no node gets them."""
        if not self.plane(spec.name).running():
            return
        self.plane(spec.name).components.stop("kube-scheduler")
        kube = self.kube(spec.name)
        deadline = time.monotonic() + EVICT_S
        for pod in _placed(kube):
            kube.delete("v1", "Pod", metadata.name(pod), metadata.namespace(pod), grace_s=1)
        while (left := _placed(kube)) and time.monotonic() < deadline:
            told(f"{len(left)} pods are ending")
            time.sleep(POLL_S)

    def _leftover_links(self, spec: ClusterSpec) -> list[str]:
        """Found by their marks, also without a record. Rules of kube-proxy go with the network of their node."""
        here = self._machine(spec)
        nodes = [HostNode(here.plane, index) for index in self._known(spec).values()] or [here]
        folders = [one for parent in (here.run.parent, here.root.parent) for one in parent.glob(f"{here.mark}*")]
        found = [f"link {link}" for link in machine.links(here.link)]
        found += [f"network namespace {one.name}" for one in machine.NAMESPACES.glob(f"{here.link}n*")]
        found += [f"network namespace {one}" for node in nodes for one in node.sandboxes()]
        found += [f"folder {one}" for one in folders]
        found += [f"mount {one}" for one in machine.mounts(here.plane.folder, *folders)]
        found += [f"control group {one}" for one in machine.cgroups(f"{here.mark}*")]
        found += [f"set of addresses {one}" for one in machine.sets(kube_router.SETS)]
        rules = machine.lines(["iptables-save"])
        return found + [f"rule {line}" for line in rules if here.comment in line]


def _placed(kube: Kube) -> list[Object]:
    """Pods that are on a node."""
    return [pod for pod in kube.items("v1", "Pod") if Node(pod).at("spec", "nodeName")]


def _rules(here: HostNode, spec: ClusterSpec) -> list[tuple[str, list[str]]]:
    """iptables rules, with their tables: nodes and pods reach each other where Docker drops forwarded traffic by
    default, and reach the outside under the machine's address.
    """
    pods, nodes, ours = spec.network.pods, spec.network.nodes, ["-m", "comment", "--comment", here.comment]
    return [
        ("nat", ["POSTROUTING", "-s", pods, "!", "-d", pods, *ours, "-j", "MASQUERADE"]),
        ("nat", ["POSTROUTING", "-s", nodes, "!", "-d", nodes, "!", "-o", f"{here.link}+", *ours, "-j", "MASQUERADE"]),
        *(("filter", ["FORWARD", way, net, *ours, "-j", "ACCEPT"]) for net in (pods, nodes) for way in ("-s", "-d")),
    ]


def _registered(kube: Kube, node: HostNode, told: ProgressCallback) -> str:
    """The pod range of a registered node.

    Raises:
        SluicewayError: SLW942, it did not register.
    """
    deadline = time.monotonic() + REGISTER_S
    while time.monotonic() < deadline:
        told(f"waits for node {node.name} to register")
        if cidr := Node(kube.get("v1", "Node", node.name)).at("spec", "podCIDR").text():
            return cidr
        time.sleep(POLL_S)
    why = node.plane.components.last_words(node.part("kubelet"))
    raise SluicewayError("SLW942", f"node {node.name} did not register within {REGISTER_S} s", why=why)
