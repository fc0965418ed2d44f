"""Clients of clusters are kept, and those of a cluster that is no more are closed."""

import os

from activities.kubernetes.client import Kube
from activities.kubernetes.discovery import Kubes
from domain.clusters.access import Access


def test_a_cluster_made_anew_under_its_name_gets_a_client_anew_and_the_old_one_is_closed(tmp_path, monkeypatch):
    closed: list[Kube] = []
    monkeypatch.setattr(Kube, "close", lambda kube: closed.append(kube))
    path, kubes = tmp_path / "kubeconfig", Kubes(tmp_path)
    path.write_text("{}")
    access = Access(f"file:{path}")
    first, other = kubes.open(access, "web"), kubes.open(access, "other")
    assert kubes.open(access, "web") is first

    os.utime(path, (1, 1))
    second = kubes.open(access, "web")

    assert second is not first
    assert closed == [first]
    assert other not in closed
