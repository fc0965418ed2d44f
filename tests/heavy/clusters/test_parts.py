"""The parts of a real cluster do their work: names, figures, enforced policies, a Gateway; of each nothing stays."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from activities.clusters.providers.local import linux_host as machine
from activities.clusters.providers.local.host import HostProvider
from activities.clusters.providers.local.host_node import HostNode
from activities.clusters.providers.local.parts import kube_router
from domain.clusters import manifests, metadata, plan
from domain.clusters.beside import gateway
from domain.clusters.parts import LABEL
from domain.clusters.plan import Phase
from domain.clusters.spec import ClusterSpec, NodePool
from domain.core.documents import Node
from tests.support.built_programs import built, needs_host
from tests.support.cluster_phases import carry_out, undo, wait

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(240)]
PARTS = {"dns": "coredns", "metrics": "metrics-server", "firewall": "kube-router", "gateway": "traefik"}
SPEC = ClusterSpec("parts", "host", pools=(NodePool("web", 2),), parts=PARTS)
BUSYBOX = "sluiceway.local/busybox:1"
BURN = "#!/bin/sh\necho\ni=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo done"
SERVE = f"mkdir -p /tmp/w/cgi-bin; echo '{BURN}' >/tmp/w/cgi-bin/burn; chmod +x /tmp/w/cgi-bin/burn; cd /tmp/w"


@pytest.fixture(scope="module")
def provider(tmp_path_factory):
    needs_host()
    made = HostProvider(tmp_path_factory.mktemp("parts") / "clusters", built())
    if why := made.blocker(SPEC):
        pytest.skip(why)
    try:
        carry_out(made, SPEC)
        yield made
    finally:
        undo(made, SPEC)
        assert made.leftovers(SPEC) == []


@pytest.fixture(scope="module")
def kube(provider):
    made = provider.kube(SPEC.name)
    made.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "closed"}})
    wait(lambda: made.get("v1", "ServiceAccount", "default", "closed") is not None, lambda: "no service account")
    return made


def serve(kube, name, count=1, namespace="default"):
    """A Deployment whose pods answer with their version, behind a Service of the same name; returns when it is ready."""
    labels = {"app": name}
    script = f"{SERVE}; echo {name} >index.html; exec httpd -f -p 8080 -h /tmp/w"
    box = {
        "name": "main",
        "image": BUSYBOX,
        "command": ["sh", "-c", script],
        "resources": {"requests": {"cpu": "50m", "memory": "16Mi"}},
        "readinessProbe": {"tcpSocket": {"port": 8080}, "periodSeconds": 1},
    }
    spec = {
        "replicas": count,
        "selector": {"matchLabels": labels},
        "template": {
            "metadata": {"labels": labels},
            "spec": {"containers": [box], "terminationGracePeriodSeconds": 0},
        },
    }
    meta = {"name": name, "namespace": namespace}
    kube.apply({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta, "spec": spec})
    ports = [{"port": 80, "targetPort": 8080}]
    kube.apply({"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": {"selector": labels, "ports": ports}})
    wait(lambda: ready(kube, name, namespace) == count, lambda: f"{ready(kube, name, namespace)} of {count} are ready")


def ready(kube, name, namespace="default"):
    found = kube.get("apps/v1", "Deployment", name, namespace)
    return Node(found).at("status", "readyReplicas").whole()


def route(kube, name, **weights):
    backends = [{"name": one, "port": 80, "weight": weight} for one, weight in weights.items()]
    parents = [{"name": gateway.NAME, "namespace": gateway.NAMESPACE}]
    spec = {"parentRefs": parents, "hostnames": [f"{name}.example"], "rules": [{"backendRefs": backends}]}
    meta = {"name": name, "namespace": "default"}
    kube.apply({"apiVersion": f"{gateway.GROUP}/v1", "kind": "HTTPRoute", "metadata": meta, "spec": spec})
    wait(lambda: get(kube, f"{name}.example") is not None, lambda: f"{name} is not served")


def where(kube):
    """Address of the Gateway's router, and its ports by name, as whoever releases to the cluster finds them."""
    of_gateway = f"{gateway.GATEWAY_NAME}={gateway.NAME}"
    (found,) = kube.items("discovery.k8s.io/v1", "EndpointSlice", gateway.NAMESPACE, labels=of_gateway)
    ports = {one["name"].text(): one["port"].whole() for one in Node(found)["ports"]}
    return Node(found)["endpoints"].first()["addresses"].texts()[0], ports


def get(kube, host, path="/"):
    """The answer's text; None: nobody serves the host."""
    address, ports = where(kube)
    asked = urllib.request.Request(f"http://{address}:{ports[gateway.HTTP]}{path}", headers={"Host": host})
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return answer.read().decode().strip()
    except OSError:
        return None


def test_a_route_is_served_with_its_weights_and_counted_by_version(kube):
    serve(kube, "old")
    serve(kube, "new")
    route(kube, "shop", old=90, new=10)
    before = counted(kube)

    answers = [get(kube, "shop.example") for _ in range(100)]

    assert {name: answers.count(name) for name in ("old", "new")} == {"old": 90, "new": 10}
    assert {name: counted(kube)[name] - before[name] for name in ("old", "new")} == {"old": 90, "new": 10}


def counted(kube):
    """Requests by version, from the counters of the router."""
    address, ports = where(kube)
    with urllib.request.urlopen(f"http://{address}:{ports[gateway.METRICS]}/metrics", timeout=10) as answer:
        lines = [one for one in answer.read().decode().splitlines() if one.startswith("traefik_service_requests_total")]
    return {
        name: sum(float(one.rpartition(" ")[2]) for one in lines if f"-svc-default-{name}-" in one)
        for name in ("old", "new")
    }


def test_an_autoscaler_scales_under_load_and_back(kube, provider):
    serve(kube, "busy")
    route(kube, "busy", busy=1)
    quick = {"stabilizationWindowSeconds": 0}
    target = {"type": "Utilization", "averageUtilization": 60}
    spec = {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "busy"},
        "minReplicas": 1,
        "maxReplicas": 3,
        "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": target}}],
        "behavior": {"scaleUp": quick, "scaleDown": quick},
    }
    meta = {"name": "busy", "namespace": "default"}
    kube.apply({"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": meta, "spec": spec})

    with load(lambda: get(kube, "busy.example", "/cgi-bin/burn")):
        wait(lambda: ready(kube, "busy") == 3, lambda: f"{ready(kube, 'busy')} pods, {told(kube)}", 100)
    wait(lambda: ready(kube, "busy") == 1, lambda: f"{ready(kube, 'busy')} pods, {told(kube)}", 100)

    seen = provider.health(SPEC)
    assert {one.name for one in seen.busiest} == {"parts-web-0", "parts-web-1"}
    assert seen.used_cpu > 0


def told(kube):
    found = kube.get("autoscaling/v2", "HorizontalPodAutoscaler", "busy", "default")
    return [one["message"].text() for one in Node(found).at("status", "conditions")]


@contextmanager
def load(request):
    """Two clients, each with one request after the other."""
    over = threading.Event()

    def client():
        while not over.is_set():
            request()

    with ThreadPoolExecutor(2) as clients:
        running = [clients.submit(client) for _ in range(2)]
        try:
            yield
        finally:
            over.set()
    for one in running:
        one.result()


def test_default_deny_is_enforced_and_a_flood_of_pods_does_not_slip_through(kube):
    serve(kube, "outer")
    serve(kube, "inner", namespace="closed")
    into, out_of = reach(kube, "inner", "closed"), reach(kube, "outer", "default")
    assert (ended(kube, "in", into), ended(kube, "out", out_of, "closed")) == ("Succeeded", "Succeeded")

    kube.apply(manifests.default_deny("closed"))
    wait(lambda: ended(kube, "in", into) == "Failed", lambda: "the policy is not enforced")
    assert ended(kube, "names", "nslookup outer.default.svc.cluster.local", "closed") == "Succeeded"
    # each tries from its first moment on, before anybody has seen its address
    tries = f"for n in 1 2 3 4 5; do {out_of} && exit 0; done; exit 1"
    flood = [f"flood-{number}" for number in range(6)]
    for name in flood:
        begin(kube, name, tries, "closed")
    assert {phase(kube, name, "closed") for name in flood} == {"Failed"}


def reach(kube, service, namespace):
    """A command that ends well when it reaches the service: the first packets of a pod are lost until its rules are
    there, which takes a busy machine a while. What is refused then is refused at once.
    """
    address = Node(kube.get("v1", "Service", service, namespace)).at("spec", "clusterIP").text()
    return f"(for i in 1 2 3 4 5 6; do nc -w 4 {address} 80 -e true && exit 0; done; exit 1)"


def begin(kube, name, command, namespace="default"):
    box = {"name": "main", "image": BUSYBOX, "command": ["sh", "-c", command]}
    spec = {"containers": [box], "restartPolicy": "Never", "terminationGracePeriodSeconds": 0}
    kube.create({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": namespace}, "spec": spec})


def phase(kube, name, namespace="default"):
    """Of a pod that ends."""

    def now():
        return Node(kube.get("v1", "Pod", name, namespace)).at("status", "phase").text()

    wait(lambda: now() in ("Succeeded", "Failed"), lambda: f"{name} is {now()}", 90)
    return now()


def ended(kube, name, command, namespace="default"):
    kube.delete("v1", "Pod", name, namespace)
    wait(lambda: kube.get("v1", "Pod", name, namespace) is None, lambda: f"{name} stays")
    begin(kube, name, command, namespace)
    return phase(kube, name, namespace)


def test_a_part_that_is_killed_comes_back_and_the_policies_hold_meanwhile(kube, provider):
    before = provider.plane(SPEC.name).components.processes()
    named = {pid: Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0].decode() for pid in before}
    killed = [pid for pid, command in named.items() if command.endswith(tuple(f"/{one}" for one in PARTS.values()))]
    for pid in killed:
        os.kill(pid, signal.SIGKILL)

    assert len(killed) == len(PARTS) + 1  # the firewall runs on both nodes
    assert ended(kube, "in", reach(kube, "inner", "closed")) == "Failed"
    wait(lambda: get(kube, "shop.example") is not None, lambda: "no route is served")
    wait(lambda: provider.health(SPEC).drift == (), lambda: str(provider.health(SPEC).drift))


def test_each_part_goes_with_all_that_it_made(kube, provider):
    nodes = [HostNode(provider.plane(SPEC.name), index) for index in (1, 2)]
    without = replace(SPEC, parts={})

    carry_out(provider, without, Phase.NODES, Phase.ADD_ONS)

    assert [one.name for one in provider.existing(without) if one.kind == plan.PART] == []
    assert [
        name for name in provider.plane(SPEC.name).components.folder.iterdir() if running(provider, name.name)
    ] == []
    assert [set_ for node in nodes for set_ in machine.sets(kube_router.SETS, node.namespace)] == []
    assert [line for node in nodes for line in rules(node) if any(chain in line for chain in kube_router.CHAINS)] == []
    wait(lambda: of_parts(kube) == [], lambda: of_parts(kube))

    carry_out(provider, SPEC, Phase.NODES, Phase.ADD_ONS)
    wait(lambda: get(kube, "shop.example") is not None, lambda: "a route that stayed is not served again")
    assert ended(kube, "in", reach(kube, "inner", "closed")) == "Failed"


def of_parts(kube):
    """A definition of a kind stays while somebody has such an object."""
    kinds = [("v1", "Service"), ("v1", "Namespace"), ("apiregistration.k8s.io/v1", "APIService")]
    kinds += [("rbac.authorization.k8s.io/v1", kind) for kind in ("ClusterRole", "ClusterRoleBinding")]
    return [metadata.name(one) for kind in kinds for one in kube.items(*kind, labels=LABEL)]


def running(provider, name):
    return name.startswith(tuple(PARTS.values())) and provider.plane(SPEC.name).components.runs(name)


def rules(node):
    said = subprocess.run(machine.inside(node.namespace, ["iptables-save"]), capture_output=True, text=True, check=True)
    return said.stdout.splitlines()
