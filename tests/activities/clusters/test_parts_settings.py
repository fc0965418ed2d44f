"""What the parts of a cluster are told: where they listen, whom they trust, and how fresh their figures are."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography import x509

from activities.clusters.providers.local import linux_host as machine
from activities.clusters.providers.local.control_plane import ControlPlane
from activities.clusters.providers.local.host_node import HostNode
from activities.clusters.providers.local.parts import istio, kube_router, metrics_server, traefik
from activities.clusters.providers.local.parts.port import Site
from activities.core.files import write_atomically
from domain.clusters.beside import resource_metrics
from domain.clusters.spec import ClusterSpec
from domain.core.documents import Node
from domain.releases.traffic_baseline import BUCKETS_S

HERE = "10.99.0.1"


class Api:
    """Answers with one object, whatever is asked."""

    def __init__(self, answer=None):
        self.answer = answer

    def get(self, *what):
        return self.answer


@pytest.fixture
def site(tmp_path):
    for name, version in (("metrics-server", metrics_server.VERSION), ("kube-router", kube_router.VERSION)):
        program = tmp_path / "tools" / f"{name}-v{version}" / name
        program.parent.mkdir(parents=True)
        program.touch()
    plane = ControlPlane(tmp_path / "c", tmp_path / "tools", "c")
    plane.pki.authority("ca")

    def made(answer=None, nodes=1):
        there = tuple(HostNode(plane, index, f"n{index}") for index in range(nodes))
        return Site(plane, ClusterSpec("c", "host"), there, Api(answer))  # type: ignore[arg-type]

    return made


def test_the_router_listens_where_nodes_and_pods_reach_it_and_counts_as_fine_as_the_judge_reads():
    told = Node(traefik.settings(HERE, 8080, 8081, 8082))
    listens = {name: one["address"].text() for name, one in told["entryPoints"].fields()}
    assert listens == {"http": f"{HERE}:8080", "metrics": f"{HERE}:8081", "ping": "127.0.0.1:8082"}
    counts = told.at("metrics", "prometheus")
    assert [one.value for one in counts["buckets"]] == list(BUCKETS_S)
    assert counts["addServicesLabels"].value is True
    assert not told["api"]  # its own pages would tell every route to every pod


def test_figures_are_read_from_kubelets_that_prove_who_they_are(site):
    (process,) = metrics_server.MetricsServer().processes(site())
    told = dict(word.removeprefix("--").partition("=")[::2] for word in process.command[1:])
    assert float(told["kubelet-request-timeout"].rstrip("s")) < float(told["metric-resolution"].rstrip("s"))
    assert told["bind-address"] == HERE
    assert Path(told["kubelet-certificate-authority"]) == Path(site().plane.pki.crt("ca"))
    assert "kubelet-insecure-tls" not in told
    assert resource_metrics.HOST in _names_of(told["tls-cert-file"])


def _names_of(path):
    found = x509.load_pem_x509_certificate(Path(path).read_bytes())
    return found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName)


def test_istio_and_its_envoy_talk_on_loopback_alone_and_a_missing_build_is_told(site):
    control, proxy = istio.Istio().processes(site())
    told = dict(word.removeprefix("--").partition("=")[::2] for word in control.command[2:])
    assert {told[name].rpartition(":")[0] for name in ("httpAddr", "grpcAddr", "monitoringAddr")} == {"127.0.0.1"}
    assert (told["httpsAddr"], told["secureGRPCAddr"], told["ctrlz_port"]) == ("", "", "0")
    assert all(one.name.startswith("istio-") for one in (control, proxy))  # by which they are found and ended
    assert json.loads(Path(proxy.command[2]).read_text())["admin"]["address"]["socket_address"]["port_value"]
    assert "deploy/istio" in istio.Istio().blocker(site())


@pytest.mark.parametrize("part", [istio.Istio(), traefik.Traefik(), metrics_server.MetricsServer()])
def test_a_part_says_in_the_clusters_words_why_its_work_is_not_done(site, part):
    waits = {"type": "Accepted", "status": "False", "message": "no endpoints"}
    assert "no endpoints" in part.unready(site({"status": {"conditions": [waits]}}))
    assert part.unready(site(None))
    done = [{"type": kind, "status": "True"} for kind in ("Available", "Programmed")]
    assert part.unready(site({"status": {"conditions": done}})) == ""


@pytest.fixture
def orders(monkeypatch):
    """What the machine is told, and what it says of its rules."""
    made = SimpleNamespace(told=[], rules=[])
    monkeypatch.setattr(machine, "run", lambda command, **_: made.told.append(list(command)) or 1)
    monkeypatch.setattr(machine, "lines", lambda command: made.rules)
    monkeypatch.setattr(machine, "remove_rule", lambda *rule: made.told.append(["remove", *rule]))
    monkeypatch.setattr(machine, "inside", lambda namespace, command: [namespace, *command])
    return made


def test_pods_without_rules_are_cut_off_on_each_node_before_the_firewall_runs(site, orders):
    there = site({"spec": {"podCIDR": "10.244.7.0/24"}}, nodes=2)
    processes = kube_router.KubeRouter().processes(there)
    assert [one.node for one in processes] == list(there.nodes)
    assert all("--netpol-default-deny" in one.command for one in processes)
    for node in there.nodes:
        dropped = [one for one in orders.told if one[0] == node.namespace and "-I" in one and one[-1] == "DROP"]
        assert {(one[one.index("-I") + 1], one[one.index("-I") + 2]) for one in dropped} == {
            ("FORWARD", "-s"), ("FORWARD", "-d"), ("INPUT", "-s")
        }  # fmt: skip


IPSET = """#!/bin/sh
cd "$SETS" || exit 1
case "$*" in
  "save "*) sed "s/^/add $2 /" "$2" ;;
  *restore) while read -r verb set address; do
      echo "$verb $set $address" >>../told
      if [ "$verb" = add ]; then echo "$address" >>"$set"; else sed -i "/^$address$/d" "$set"; fi
    done ;;
esac
"""
JUMP = '-A KUBE-ROUTER-FORWARD -m comment --comment "of POD name:a -s 9.9.9.9" -s {} -j KUBE-POD-FW-{}\n'
OPEN = '-I KUBE-POD-FW-{1} 1 -s {0} -m comment --comment "default egress" -j KUBE-NWPLCY-DEFAULT\n'


class Node1:
    """A node's sets, and what is told them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.told = folder, folder / "told"
        (folder / "sets").mkdir()
        for name in (kube_router.KNOWN, kube_router.SEEN):
            (folder / "sets" / name).touch()
        script = kube_router.restoring(str(folder / "restore"), str(folder / "ipset"))
        restore = '#!/bin/sh\ncat >/dev/null; echo restored >>"$SETS/../told"; exit "$ENDS"\n'
        for name, text in (("ipset", IPSET), ("restore", restore), ("script", script)):
            write_atomically(folder / name, text, mode=0o700)

    def restores(self, table: str, ends: int = 0) -> list[str]:
        """What was done, in order."""
        self.told.write_text("")
        env = {
            "PATH": "/usr/bin:/bin",
            "SETS": str(self.folder / "sets"),
            "ENDS": str(ends),
            "TMPDIR": str(self.folder),
        }
        text = f"*filter\n{table}COMMIT\n"
        ran = subprocess.run([self.folder / "script", "-T", "filter"], input=text, env=env, text=True, check=False)
        assert ran.returncode == ends
        return self.told.read_text().splitlines()

    @property
    def known(self) -> set[str]:
        return set((self.folder / "sets" / kube_router.KNOWN).read_text().split())


def test_a_pod_is_known_once_its_rules_are_there_and_no_more_before_they_go(tmp_path):
    node = Node1(tmp_path)
    assert node.restores(JUMP.format("10.0.0.3/32", "A"), ends=1) == ["restored"]
    assert node.restores(JUMP.format("10.0.0.3/32", "A"))[0] == "restored"
    assert node.known == {"10.0.0.3"}
    told = node.restores(JUMP.format("10.0.0.4", "B"))
    assert {one.split()[0] for one in told[: told.index("restored")]} == {"del"}
    assert node.known == {"10.0.0.4"}


def test_a_pod_whose_rules_let_everything_pass_is_known_when_they_come_again(tmp_path):
    """The first time they may be of before it was matched with policies."""
    node, jump = Node1(tmp_path), JUMP.format("10.0.0.3", "A")
    node.restores(jump + OPEN.format("10.0.0.3", "A"))
    assert node.known == set()
    node.restores(jump + OPEN.format("10.0.0.3", "A"))
    assert node.known == {"10.0.0.3"}
    node.restores("")
    node.restores(jump + OPEN.format("10.0.0.3", "A"))
    assert node.known == set(), "another pod of the same address"
    node.restores(jump)
    assert node.known == {"10.0.0.3"}


def test_a_node_reaches_its_pods_from_their_first_moment_and_they_only_answer(site, orders):
    kube_router.KubeRouter().processes(site({"spec": {"podCIDR": "10.244.7.0/24"}}))
    opened = [one[one.index("-I") + 1 :] for one in orders.told if "-I" in one and one[-1] == "ACCEPT"]
    assert [(one[0], "ESTABLISHED" in one) for one in opened] == [
        ("KUBE-ROUTER-OUTPUT", False), ("KUBE-ROUTER-INPUT", True)
    ]  # fmt: skip


def test_a_rule_for_a_range_that_the_node_has_no_more_is_removed(site, orders):
    orders.rules = [f"-A FORWARD -s {cidr} -m set ! --match-set {kube_router.KNOWN} src -j DROP"
                    for cidr in ("10.244.7.0/24", "10.244.1.0/24")]  # fmt: skip
    kube_router.KubeRouter().processes(site({"spec": {"podCIDR": "10.244.7.0/24"}}))
    assert [one[2][2] for one in orders.told if one[0] == "remove"] == ["10.244.1.0/24"]
