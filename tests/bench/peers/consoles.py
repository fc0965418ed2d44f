"""The console beside Headlamp, on one real API server with the same objects; JSON lines.

    python -m tests.bench.peers.consoles --headlamp BINARY --frontend FOLDER

Headlamp is built from its public source: `go build ./cmd` in `backend`, `npx vite build` in `frontend`. The server has
what one of fifty clusters of a large fleet has: 10,000 Deployments and 2,000 pods on simulated nodes. Each page is opened
in Chromium a few times, in turn; a change is a pod that is made while its page is open.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, TimeoutError

from activities.clusters.providers.local.kwok import KwokProvider
from activities.kubernetes.client import Kube
from activities.supervisor.service import answers, free_port
from domain.clusters.spec import ClusterSpec, NodePool
from domain.core.documents import Manifest
from tests.bench.processors import children, memory_mb, seconds_of
from tests.support.built_programs import built
from tests.support.command_line import call
from tests.support.kube_status import named
from tests.support.made_clusters import Made, made
from tests.support.served import serving
from tests.support.walking import Administrator, walker
from tests.workers.console.browser import chromium
from workers.demo.cluster_faults import deployment

CHANGES, NODES, SPACES = 10, 20, 20
IMAGE, CHANGED = "registry.example/shop:1", "changed"
WEIGHT = """() => {
  const all = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
  return [all.reduce((sum, one) => sum + one.transferSize, 0), document.querySelectorAll("*").length,
    performance.memory ? performance.memory.usedJSHeapSize : 0];
}"""


@dataclass(frozen=True)
class Console:
    """Where a console's lists are, and how a row of one looks."""

    name: str
    context: BrowserContext
    pages: dict[str, str]
    rows: str
    programs: dict[str, int]
    """Name to process."""

    def cpu_s(self) -> float:
        """Of its programs, until now."""
        return sum(seconds_of(one) for pid in self.programs.values() for one in (pid, *children(pid)))


def main() -> None:
    """Seeds, then measures both in turn."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--headlamp", required=True, type=Path)
    given.add_argument("--frontend", required=True, type=Path)
    given.add_argument("--pods", type=int, default=2_000)
    given.add_argument("--workloads", type=int, default=10_000)
    given.add_argument("--turns", type=int, default=5)
    given.add_argument("--limit-s", type=int, default=300)
    asked = given.parse_args()
    root = Path(tempfile.mkdtemp(prefix="consoles-"))
    provider = KwokProvider(root / "clusters", built())
    with made(provider, ClusterSpec("main", "kwok", pools=(NodePool("web", NODES),)), root) as cluster:
        seed(cluster.kube, asked.pods, asked.workloads)
        with (
            chromium() as browser,
            ours(cluster, browser, asked, root) as one,
            theirs(cluster, browser, asked, root) as other,
        ):
            for kind in (name for name in one.pages if name != "changes"):
                measure([one, other], kind, asked.turns)
            for console in (one, other):
                tell_memory(console)
                tell(console.name, "change_visible", changes(console, cluster.kube))


def seed(kube: Kube, pods: int, workloads: int) -> None:
    """Deployments that want no pods, and pods that run."""
    for number in range(SPACES):
        kube.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": space(number)}})
    kube.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": CHANGED}})

    def workload(number: int) -> None:
        kube.create(deployment(f"service-{number:05}", space(number), IMAGE, 0))

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(workload, range(workloads)))
        list(threads.map(lambda number: kube.create(pod(f"pod-{number:05}", space(number))), range(pods)))


def space(number: int) -> str:
    """The namespace of an object."""
    return f"team-{number % SPACES:02}"


def pod(name: str, namespace: str) -> Manifest:
    """One that a simulated node runs."""
    return named(
        {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "main", "image": IMAGE}]}}, name, namespace
    )


@contextmanager
def ours(cluster: Made, browser: Browser, asked: argparse.Namespace, root: Path) -> Iterator[Console]:
    """A home that the cluster is registered in."""
    with serving(root / "home") as settings:
        file = cluster.access.reference.removeprefix("file:")
        code, out, err = call("cluster", "register", "main", "--kubeconfig", file)
        assert code == 0, out + err
        admin = Administrator(settings, root / "admin")
        with walker(browser, admin.invites("ann", "operator")) as ann:
            ann.page.context.set_default_timeout(asked.limit_s * 1000)
            pages = {
                "pods": "/objects?kind=Pod&cluster=main",
                "workloads": "/objects?kind=Deployment&cluster=main",
                "map": "/topology/main",
                "changes": f"/objects?kind=Pod&cluster=main&namespace={CHANGED}",
            }
            programs = {name: pid_of(settings.home, name) for name in ("server", "worker", "temporal")}
            yield Console("sluiceway", ann.page.context, pages, "main tbody tr, main svg a", programs)
        call("cluster", "delete", "main")


@contextmanager
def theirs(cluster: Made, browser: Browser, asked: argparse.Namespace, root: Path) -> Iterator[Console]:
    """Headlamp with the same kubeconfig."""
    port, file = free_port(), cluster.access.reference.removeprefix("file:")
    command = [asked.headlamp, "-kubeconfig", file, "-html-static-dir", asked.frontend, f"-port={port}"]
    command += ["-listen-addr=127.0.0.1", f"-plugins-dir={root / 'plugins'}"]
    with (root / "headlamp.log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as running:
        try:
            while not answers(port, "/"):
                assert running.poll() is None, "Headlamp has ended"
                time.sleep(0.1)
            context = browser.new_context(base_url=f"http://127.0.0.1:{port}", reduced_motion="reduce")
            context.set_default_timeout(asked.limit_s * 1000)
            base = f"/c/{context_of(Path(file))}"
            pages = {"pods": f"{base}/pods", "workloads": f"{base}/deployments", "map": f"{base}/map"}
            pages["changes"] = f"{base}/pods?namespace={CHANGED}"
            programs = {"headlamp": running.pid}
            yield Console("headlamp", context, pages, "main tbody tr, main .react-flow__node", programs)
            context.close()
        finally:
            running.terminate()


def context_of(kubeconfig: Path) -> str:
    """The name that Headlamp gives the cluster."""
    import yaml

    return str(yaml.safe_load(kubeconfig.read_text())["current-context"])


def measure(consoles: list[Console], kind: str, turns: int) -> None:
    """The page of a kind, in turn; the first turn warms caches and is not counted. Who shows no row is not asked again."""
    found: dict[str, list[tuple[float, ...]]] = {one.name: [] for one in consoles}
    left = list(consoles)
    for turn in range(turns + 1):
        for console in tuple(left):
            row = visited(console, kind)
            if row is None:
                left.remove(console)
                print(json.dumps({"console": console.name, "page": kind, "first_row_s": None}), flush=True)
            else:
                found[console.name] += [row] if turn else []
    for console in left:
        medians = (statistics.median(one) for one in zip(*found[console.name], strict=True))
        seconds, cpu, transferred, nodes, heap = medians
        more = {"transferred_kb": round(transferred / 1000), "dom_nodes": nodes, "heap_mb": round(heap / 1e6, 1)}
        times = {"first_row_s": round(seconds, 2), "server_cpu_s": round(cpu, 2), **more}
        print(json.dumps({"console": console.name, "page": kind, **times}), flush=True)


def visited(console: Console, kind: str) -> tuple[float, ...] | None:
    """Seconds to the first row, CPU seconds of its programs meanwhile, and the weight of the page.

    None: no row came in time.
    """
    page = console.context.new_page()
    began, cpu = time.monotonic(), console.cpu_s()
    try:
        page.goto(console.pages[kind])
        page.locator(console.rows).first.wait_for()
    except TimeoutError:
        return None
    else:
        took = time.monotonic() - began
        return took, console.cpu_s() - cpu, *page.evaluate(WEIGHT)
    finally:
        page.close()


def tell_memory(console: Console) -> None:
    """Resident memory of each of its programs after all visits, and at its most."""
    for name, pid in console.programs.items():
        now, most = memory_mb(pid)
        print(
            json.dumps({"console": console.name, "program": name, "mb": round(now), "most_mb": round(most)}), flush=True
        )


def pid_of(home: Path, service: str) -> int:
    """Of the program that the engine runs as a service; its supervisor is another one."""
    state = json.loads((home / "engine" / service / "state.json").read_text())
    return int(state["instances"][0]["pid"])


def changes(console: Console, kube: Kube) -> list[float]:
    """Seconds from a pod's creation to its row on an open page."""
    page = console.context.new_page()
    page.goto(console.pages["changes"])
    page.wait_for_load_state("networkidle")
    took = [appears(page, kube, f"{console.name}-{number}") for number in range(CHANGES)]
    page.close()
    return took


def appears(page: Page, kube: Kube, name: str) -> float:
    """Seconds from a pod's creation to its name on the page."""
    began = time.monotonic()
    kube.create(pod(name, CHANGED))
    page.get_by_text(name, exact=True).first.wait_for()
    return time.monotonic() - began


def tell(name: str, what: str, took: list[float]) -> None:
    """A row of times."""
    row = {
        "console": name,
        "row": what,
        "median_s": round(statistics.median(took), 2),
        "slowest_s": round(max(took), 2),
    }
    print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
