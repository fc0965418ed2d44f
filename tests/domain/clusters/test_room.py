"""What pods request of their nodes is summed as the scheduler does it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clusters.health import SHOWN, ClusterHealth
from domain.clusters.room import requested, with_rooms
from domain.core.documents import Manifest


def asking(cpu: float, **more: str) -> Manifest:
    return {"resources": {"requests": {"cpu": f"{cpu:g}"}}, **more}


def pod(node: str = "n0", phase: str = "Running", **spec: object) -> Manifest:
    return {"spec": {"nodeName": node, **spec}, "status": {"phase": phase}}  # type: ignore[dict-item]


SIDECAR = asking(2, restartPolicy="Always")


@pytest.mark.parametrize(
    ("spec", "cores"),
    [
        ({"containers": [asking(1), asking(2)]}, 3),
        ({"containers": [asking(1)], "initContainers": [asking(5), asking(3)]}, 5),
        ({"containers": [asking(1)], "initContainers": [SIDECAR]}, 3),
        ({"containers": [asking(1)], "initContainers": [SIDECAR, asking(4)]}, 6),
        ({"containers": [asking(1)], "initContainers": [asking(2), SIDECAR]}, 3),
        ({"containers": [asking(1)], "overhead": {"cpu": "250m"}}, 1.25),
        ({"containers": [asking(1)], **asking(4)}, 4),
        ({"containers": [asking(-1), {}]}, 0),
        ({"containers": 7, "initContainers": [None]}, 0),
    ],
)
def test_a_pod_counts_for_what_its_containers_request_at_once(spec, cores):
    assert requested(pod(**spec), "cpu") == cores


def node(name: str) -> Manifest:
    return {"metadata": {"name": name}, "status": {"allocatable": {"cpu": "4", "memory": "8Gi", "pods": "110"}}}


PODS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 8), st.sampled_from(["Running", "Pending", "Failed"])))


@given(PODS)
def test_the_sum_of_all_nodes_is_of_pods_that_have_a_place_and_have_not_ended(asked):
    nodes = [node(f"n{index}") for index in range(3)]
    pods = [pod(f"n{where}", phase, containers=[asking(cpu)]) for where, cpu, phase in asked]
    found = with_rooms(ClusterHealth(), nodes, [*pods, pod("", "Pending", containers=[asking(9)])])
    here = [cpu for where, cpu, phase in asked if where < 3 and phase != "Failed"]
    assert found.room is not None
    assert (found.room.asked_cpu, found.room.running) == (sum(here), len(here))
    assert (found.room.cpu, found.room.memory_mb, found.room.pods) == (12, 3 * 8192, 330)
    full = [one.asked_cpu for one in found.rooms]
    assert full == sorted(full, reverse=True) or not any(full)


def test_of_many_nodes_the_fullest_are_named():
    nodes = [node(f"n{index}") for index in range(SHOWN * 2)]
    found = with_rooms(ClusterHealth(), nodes, [pod(f"n{SHOWN + 3}", containers=[asking(1)])])
    assert len(found.rooms) == SHOWN
    assert found.rooms[0].name == f"n{SHOWN + 3}"
