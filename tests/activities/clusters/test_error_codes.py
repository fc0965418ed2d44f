"""Programs, providers and clusters that cannot do what is asked say so."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import NoReturn

import pytest
from kubernetes.dynamic.exceptions import ResourceNotFoundError
from temporalio.exceptions import ApplicationError

from activities.authority.everything import Everything
from activities.clusters import processes
from activities.clusters.activities import ClusterActivities
from activities.clusters.providers.kind import KindProvider
from activities.clusters.providers.local import host, linux_host
from activities.clusters.providers.local.control_plane import ControlPlane
from activities.clusters.providers.local.host_node import HostNode
from activities.kubernetes.client import Kube
from domain.clusters.access import Access
from domain.clusters.spec import ClusterSpec
from domain.core.errors import SluicewayError


def test_a_program_that_is_not_there_says_how_to_get_it() -> None:
    with pytest.raises(SluicewayError, match=r"SLW941[\s\S]*to fix it"):
        processes.program("no-such-program")


def test_a_node_that_does_not_register_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(host, "REGISTER_S", -1.0)
    node = HostNode(ControlPlane(tmp_path, tmp_path, "c"), 0, "n1")
    with pytest.raises(SluicewayError, match=r"SLW942: node n1 did not[\s\S]*because no log output"):
        host._registered(SimpleNamespace(get=lambda *_: None), node, print)  # type: ignore[arg-type]


@pytest.mark.parametrize("command", [["/nowhere/ip", "link"], ["false"]])
def test_a_command_of_the_host_that_fails_is_said(command: list[str]) -> None:
    with pytest.raises(SluicewayError, match="SLW947"):
        linux_host.run(command)


def test_a_provider_that_this_worker_lacks_is_not_tried_again() -> None:
    with pytest.raises(ApplicationError) as refused:
        ClusterActivities({}, permits=Everything())._provider(ClusterSpec("c", provider="moon"))
    assert (refused.value.type, refused.value.non_retryable) == ("SLW945", True)


def test_kind_that_fails_is_told_in_its_own_words(tmp_path: Path) -> None:
    program = tmp_path / "kind"
    program.write_text("#!/bin/sh\necho no docker >&2\nexit 1\n")
    program.chmod(0o755)
    with pytest.raises(SluicewayError, match=r"SLW957[\s\S]*no docker"):
        KindProvider._run(SimpleNamespace(_tools=tmp_path), "get", "clusters")  # type: ignore[arg-type]


def test_kind_changes_no_nodes_of_a_cluster_that_is_there() -> None:
    provider = SimpleNamespace(_names=lambda: ["c"], _known=lambda _: {"config": "another"})
    with pytest.raises(SluicewayError, match="SLW948"):
        KindProvider._make(provider, ClusterSpec("c", provider="kind"), print)  # type: ignore[arg-type]


def test_a_kind_of_object_that_the_cluster_lacks_is_said(tmp_path: Path) -> None:
    def unknown(**_: str) -> NoReturn:
        raise ResourceNotFoundError("no matches")

    kube = Kube(Access("file:/k"), tmp_path / "discovery")
    kube.__dict__["_dynamic"] = SimpleNamespace(resources=SimpleNamespace(get=unknown))
    with pytest.raises(SluicewayError, match="SLW944"):
        kube.get("cluster.x-k8s.io/v1", "Cluster", "c")
