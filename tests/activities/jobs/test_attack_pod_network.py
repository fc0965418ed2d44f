"""A pod whose `allow` names a node of its cluster is not made."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from activities.jobs.executors.kubernetes.executor import KubernetesExecutor
from activities.jobs.executors.kubernetes.pod_ref import Held
from activities.kubernetes.kubeconfigs import AddressBook
from domain.core.documents import Object
from domain.core.errors import RefusedError, SluicewayError
from domain.jobs.isolation import Reach
from domain.pipelines.container import ContainerSpec

NODE: Object = {"status": {"addresses": [{"type": "InternalIP", "address": "10.1.2.3"}]}}


def held(answers: list[Object] | None) -> Held:
    def items(version: str, kind: str) -> list[Object]:
        if answers is None:
            raise SluicewayError("SLW951", "forbidden")
        return answers

    return cast("Held", SimpleNamespace(kube=SimpleNamespace(items=items)))


def executor(at: Path, *opened: str) -> KubernetesExecutor:
    return KubernetesExecutor(at, at, AddressBook(at), Reach(opened=opened))


def test_a_node_is_refused_and_its_neighbour_is_not(tmp_path: Path):
    with pytest.raises(RefusedError) as refused:
        executor(tmp_path)._closed(ContainerSpec("x", allow=("10.1.2.3/32:10250",)), held([NODE]))
    assert refused.value.code == "SLW038"
    closed, notes = executor(tmp_path)._closed(ContainerSpec("x", allow=("10.1.2.4/32:443",)), held([NODE]))
    assert "10.1.2.3/32" in closed
    assert notes == []


def test_a_node_that_an_administrator_opens_is_not_refused(tmp_path: Path):
    spec = ContainerSpec("x", allow=("10.1.2.3/32:10250",))
    assert "10.1.2.3/32" not in executor(tmp_path, "10.1.2.0/24")._closed(spec, held([NODE]))[0]


def test_where_nodes_cannot_be_listed_the_log_says_so_and_metadata_stays_closed(tmp_path: Path):
    _, notes = executor(tmp_path)._closed(ContainerSpec("x", allow=("10.0.0.0/8",)), held(None))
    assert "cannot be listed" in notes[0]
    with pytest.raises(RefusedError) as refused:
        executor(tmp_path)._closed(ContainerSpec("x", allow=("169.254.169.254/32",)), held(None))
    assert refused.value.code == "SLW038"
