"""kube-router's firewall: it enforces network policies beside each node's bridge, and routes nothing.

A pod that has no rules yet reaches nobody and is reached by nobody, so that none slips through between its start and
its rules. kube-router would refuse such packets, and many a program ends when its first connection is refused. Here
they are dropped before: they are sent again a moment later, when the rules are there.

kube-router's own set of pods is no help, for two reasons (`fullPolicySync` of 2.10.0), which a busy machine draws out
to seconds. It is filled before the rules are restored. And a pod whose address comes while a synchronisation is under
way, after policies were matched with pods, gets rules as if no policy were for it; the next one puts that right. So
its iptables-restore is a script that keeps a set of its own: it adds a pod once the table with its rules is there, and
where these let everything pass, once they come a second time.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from activities.clusters.processes import PATH, program
from activities.clusters.providers.local import linux_host as machine
from activities.clusters.providers.local.host_node import HostNode
from activities.clusters.providers.local.parts.port import Process, Site
from activities.core.files import write_atomically
from domain.clusters.beside import firewall
from domain.core.documents import Node, Object
from domain.core.errors import SluicewayError

VERSION = "2.10.0"
KNOWN = "sluiceway-pods-with-rules"
"""The set of pods of a node that have their rules."""
SEEN = "sluiceway-pods-seen"
"""Those that had some in the last table."""
AGAIN_S = 2
"""A pod without policies waits for the next table, at most so long."""
BEFORE = "kube-router-local-pods"
"""What earlier versions took for it."""
RESTORE = Path(__file__).with_name("iptables-restore.sh")
SETS = tuple(
    f"{family}{name}" for family in ("", "inet6:") for name in ("KUBE-SRC-", "KUBE-DST-", "kube-router-", KNOWN, SEEN)
)
LAST = "KUBE-NWPLCY-TAIL"
"""Where the rules of a node lead to when all of them are there."""
TOP = "KUBE-ROUTER-"
"""Its chains for what a node sends, gets and forwards; it takes them as it finds them."""
CHAINS = (TOP, "KUBE-NWPLCY-", "KUBE-POD-FW-")
_STATE = ("-m", "conntrack", "--ctstate")
TABLE = "mangle"
"""Its chains come before those of kube-router."""


class KubeRouter:
    """One for each node, in the node's network."""

    name = "kube-router"

    def blocker(self, site: Site) -> str:
        """It needs ipset beside its own program, and a kernel that shows iptables the frames of a bridge."""
        try:
            site.program(self.name, VERSION)
            program("ipset")
        except SluicewayError as missing:
            return f"{missing.what}; to fix it: {missing.fix}"
        return "" if machine.filters_bridges() else "bridged frames pass iptables by; to fix it: modprobe br_netfilter"

    def objects(self, site: Site) -> Sequence[Object]:
        """Its rights."""
        return firewall.objects()

    def processes(self, site: Site) -> Sequence[Process]:
        """One for each node, where pods without rules are cut off by now."""
        for node in site.nodes:
            _cut_off(node, Node(site.kube.get("v1", "Node", node.name)).at("spec", "podCIDR").text())
        command = [
            site.program(self.name, VERSION),
            "--run-firewall",
            "--run-router=false",
            "--run-service-proxy=false",
            "--netpol-default-deny",
            f"--iptables-sync-period={AGAIN_S}s",
            f"--kubeconfig={site.kubeconfig(self.name, firewall.USER)}",
            f"--service-cluster-ip-range={site.spec.network.services}",
            "--health-port=0",
        ]
        env = {"PATH": f"{_restoring(site.folder(self.name) / 'bin')}:{PATH}"}
        return [
            Process(self.name, [*command, f"--hostname-override={node.name}"], env=env, node=node)
            for node in site.nodes
        ]

    def unready(self, site: Site) -> str:
        """Whether it has read the policies on every node."""
        bare = [node.name for node in site.nodes if not _is_set(node)]
        return f"node {bare[0]} does not enforce network policies yet" if bare else ""

    def clean_up(self, site: Site) -> None:
        """Its own `--cleanup-config` would flush the machine's IPVS tables, too, whosever they are."""
        here = HostNode(site.plane)
        there = [one for one in site.nodes if one.namespace and machine.has_namespace(one.namespace)]
        for node in (here, *there):
            for rule in _cutting_off(node):
                machine.remove_rule(TABLE, rule, node.namespace)
            machine.remove_chains(CHAINS, node.namespace)
            machine.remove_sets(SETS, node.namespace)


def _restoring(folder: Path) -> Path:
    """A folder with the iptables-restore that keeps the set."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    text = restoring(program("iptables-restore"), program("ipset"))
    write_atomically(folder / "iptables-restore", text, mode=0o700)
    return folder


def restoring(restore: str, ipset: str) -> str:
    """A script that restores a table, and keeps the set of the pods that have their rules in it. Both are paths."""
    text = RESTORE.read_text()
    for name, value in {"KNOWN": KNOWN, "SEEN": SEEN, "RESTORE": restore, "IPSET": ipset}.items():
        text = text.replace(f"@{name}@", value)
    return text


def _cut_off(node: HostNode, pods: str) -> None:
    """Drops packets from and to those pods of a range that have no rules yet. The node itself reaches them: a first
    probe of its kubelet that fails is repeated ten seconds later only.
    """
    ours = ["-m", "comment", "--comment", node.comment]
    for chain, what in (("OUTPUT", ["-d", pods]), ("INPUT", ["-s", pods, *_STATE, "ESTABLISHED"])):
        machine.run(machine.inside(node.namespace, ["iptables", "-w", "-N", f"{TOP}{chain}"]), check=False)
        machine.set_rule("filter", [f"{TOP}{chain}", *what, *ours, "-j", "ACCEPT"], node.namespace)
    for name in (KNOWN, SEEN):
        machine.run(machine.inside(node.namespace, ["ipset", "-exist", "create", name, "hash:ip"]))
    for chain, way, end in (("FORWARD", "-s", "src"), ("FORWARD", "-d", "dst"), ("INPUT", "-s", "src")):
        unknown = ["-m", "set", "!", "--match-set", KNOWN, end, *_STATE, "NEW"]
        machine.set_rule(TABLE, [chain, way, pods, *unknown, *ours, "-j", "DROP"], node.namespace)
    for rule in _cutting_off(node):
        if pods not in rule or KNOWN not in rule:  # of a range that is another node's by now, or of an earlier version
            machine.remove_rule(TABLE, rule, node.namespace)


def _cutting_off(node: HostNode) -> list[list[str]]:
    said = machine.lines(machine.inside(node.namespace, ["iptables", "-w", "-t", TABLE, "-S"]))
    return [shlex.split(line)[1:] for line in said if KNOWN in line or BEFORE in line]


def _is_set(node: HostNode) -> bool:
    forward = machine.inside(node.namespace, ["iptables", "-w", "-S", f"{TOP}FORWARD"])
    return any(line.endswith(f"-j {LAST}") for line in machine.lines(forward))
