"""What the pages of a cluster say before its controllers have caught up."""

from activities.clusters import report as cluster_report
from activities.kubernetes.memory import MemoryKube
from domain.clusters.lifecycle import Status
from domain.clusters.spec import ClusterSpec
from domain.core.documents import Manifest, Object
from workflows.clusters.messages import ClusterState

QUOTA: Manifest = {"metadata": {"name": "tenant", "namespace": "team"}, "spec": {"hard": {"pods": "20"}}}


class Objects(MemoryKube):
    """As much of an API server as a page reads."""

    def __init__(self, **kinds: list[Object]) -> None:
        super().__init__()
        self.kinds = kinds

    def items(self, api_version: str, kind: str, namespace: str = "", labels: str = "") -> list[Object]:
        return self.kinds.get(kind, [])


def test_a_quota_is_on_the_page_before_anything_has_counted_what_is_used(tmp_path):
    api = Objects(Namespace=[{"metadata": {"name": "team"}}], ResourceQuota=[QUOTA])
    cluster_report.write(api, ClusterState(ClusterSpec("new", "kwok"), Status.READY, since=1.0), tmp_path)

    assert "tenant: pods" in (tmp_path / "index.html").read_text()
    assert "not counted yet / 20" in (tmp_path / "team.html").read_text()


def test_a_quota_that_is_counted_says_how_much_of_it_is_used(tmp_path):
    counted: Manifest = QUOTA | {"status": {"hard": {"pods": "20"}, "used": {"pods": "5"}}}
    api = Objects(Namespace=[{"metadata": {"name": "team"}}], ResourceQuota=[counted])
    cluster_report.write(api, ClusterState(ClusterSpec("new", "kwok"), Status.READY, since=1.0), tmp_path)

    assert "tenant: pods 5 of 20 (25.0 %)" in (tmp_path / "index.html").read_text()
