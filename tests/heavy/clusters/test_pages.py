"""The pages of a cluster, written of a real API server and looked at in a real browser."""

import subprocess

import pytest

from activities.clusters import report as cluster_report
from domain.clusters import manifests
from domain.clusters.lifecycle import Status
from domain.clusters.spec import ClusterSpec, Quota
from domain.pods.manifest import PodSpec, manifest
from tests.support.kube_status import named
from tests.support.lab import until
from tests.support.programs import need
from workflows.clusters.entry_messages import Entry
from workflows.clusters.messages import ClusterState

pytestmark = [pytest.mark.heavy, pytest.mark.browser, pytest.mark.timeout(120)]
HOSTILE = "<script>document.title='taken'</script>"


def prepared(kube):
    for one in manifests.tenant(Quota("team", cpu=4, pods=20), isolated=True):
        kube.apply(one)
    for number in range(3):
        pod = manifest(PodSpec("web:1", labels={"app": "web"}))
        kube.create(named(pod, f"web-{number}", "team"))
    meta = {"name": "web", "namespace": "team"}
    spec = {"selector": {"app": "web"}, "ports": [{"port": 80}]}
    kube.apply({"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": spec})


def opened(page, shot=None):
    chromium = need("chromium", "pages are looked at in a real browser")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--window-size=1200,1600"]
    what = f"--screenshot={shot}" if shot else "--dump-dom"
    return subprocess.run(
        [chromium, *flags, what, f"file://{page}"], capture_output=True, text=True, timeout=150, check=True
    ).stdout


async def test_a_cluster_and_its_namespaces_are_readable_in_a_real_browser(simulated, tmp_path):
    prepared(simulated.kube)
    await until(lambda: all(p["status"]["phase"] == "Running" for p in simulated.kube.items("v1", "Pod", "team")))
    spec = ClusterSpec("played", "kwok")
    state = ClusterState(spec, Status.READY, since=1.0, log=[Entry(1.0, HOSTILE)])
    pages = cluster_report.write(simulated.kube, state, tmp_path)

    index, team = opened(tmp_path / "index.html"), opened(tmp_path / "team.html")
    assert pages[0] == tmp_path / "index.html"
    assert "played-web-0" in index
    assert "3 Running" in index
    assert "<title>cluster played: ready</title>" in index
    for text in ("tenant: pods", "web-2", "default-deny", "<rect", "ClusterIP 80"):
        assert text in team
    opened(tmp_path / "team.html", tmp_path / "shot.png")
    assert (tmp_path / "shot.png").stat().st_size > 20_000
