"""Does this fit? The answer says by which quota, limit or node it does not."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.core.sentences import translated
from domain.inventory.model import Health, ObjectRow
from domain.inventory.room import (
    MIB,
    Asked,
    Bounds,
    NodeFree,
    QuotaRoom,
    amount_of,
    bounds_of,
    fits,
    free_of,
    missing_of,
    quotas_of,
)

TEAM = QuotaRoom(quota="team", resource="requests.cpu", hard=4, used=3.5)
RESOURCES = ("requests.cpu", "cpu", "requests.memory", "pods", "count/pods", "requests.storage", "limits.cpu")
ASKED = st.builds(
    Asked,
    pods=st.integers(0, 20),
    cpu_m=st.integers(1, 5_000),
    memory_mb=st.integers(1, 9_000),
    cpu_limit_m=st.integers(1, 5_000),
    claims=st.integers(0, 5),
    storage_mb=st.integers(1, 9_000),
)
ROOMS = st.builds(
    QuotaRoom,
    quota=st.just("q"),
    resource=st.sampled_from(RESOURCES),
    hard=st.floats(0, 1e11),
    used=st.floats(0, 1e11),
    reserved=st.floats(0, 1e10),
)


def _row(kind: str, name: str, **more: Any) -> ObjectRow:
    return ObjectRow(cluster="c", kind=kind, namespace="shop", name=name, **more)


@given(ASKED, st.lists(ROOMS, max_size=4))
def test_it_fits_exactly_where_no_quota_is_passed(asked: Asked, rooms: list[QuotaRoom]):
    """A slow reading: after it was made, nothing is over its quota that grew."""
    over = [room for room in rooms if (more := amount_of(asked, room.resource)) and more > room.left * (1 + 1e-9)]
    assert (len(fits(asked, rooms).reasons), fits(asked, rooms).fits) == (len(over), not over)


@given(ASKED, st.lists(ROOMS, max_size=4))
def test_less_fits_wherever_more_does(asked: Asked, rooms: list[QuotaRoom]):
    less = Asked(**{**vars(asked), "pods": asked.pods // 2, "claims": asked.claims // 2})
    assert fits(less, rooms).fits or not fits(asked, rooms).fits


def test_the_reason_names_the_quota_and_its_numbers():
    said = fits(Asked(pods=1, cpu_m=1000), [TEAM]).reasons
    assert said == ("would exceed requests.cpu of quota team: 3.5 of 4 used, 0.5 left, 1 asked",)


def test_what_is_reserved_is_not_there_for_others():
    room = QuotaRoom(quota="team", resource="requests.memory", hard=4096 * MIB, used=0, reserved=3584 * MIB)
    said = fits(Asked(pods=1, memory_mb=1024), [room]).reasons
    wanted = "0 MiB of 4 GiB used, 3.5 GiB reserved, 512 MiB left, 1 GiB asked"
    assert said == (f"would exceed requests.memory of quota team: {wanted}",)


def test_a_pod_that_names_nothing_is_refused_by_a_quota_unless_a_limit_range_names_it():
    assert fits(Asked(pods=1), [TEAM]).reasons == ("quota team counts requests.cpu, and each pod has to name it",)
    default = Bounds(name="tenant", type="Container", resource="cpu", default_request=0.1)
    assert fits(Asked(pods=5), [TEAM], [default]).fits
    assert not fits(Asked(pods=6), [TEAM], [default]).fits


def test_a_limit_range_bounds_each_pod_and_claim():
    row = _row(
        "LimitRange",
        "tenant",
        details={
            "limits": [
                {"type": "Container", "resource": "cpu", "max": "2", "min": "100m"},
                {"type": "PersistentVolumeClaim", "resource": "storage", "max": "1Gi"},
            ]
        },
    )
    bounds = bounds_of([row])
    assert fits(Asked(pods=1, cpu_m=50), [], bounds).reasons == (
        "cpu of a Container is at least 0.1 by limits tenant: 0.05 asked",
    )
    assert fits(Asked(claims=1, storage_mb=2048), [], bounds).reasons == (
        "storage of a PersistentVolumeClaim is at most 1 GiB by limits tenant: 2 GiB asked",
    )
    assert fits(Asked(pods=1, cpu_m=2000, claims=3, storage_mb=1024), [], bounds).fits


def test_nodes_that_take_pods_have_what_is_left_of_them():
    nodes = [
        _row("Node", "n1", cpu_m=4000, memory_mb=8192, details={"pods": 110}),
        _row("Node", "n2", cpu_m=4000, memory_mb=8192, details={"pods": 110, "unschedulable": True}),
        _row("Node", "n3", cpu_m=4000, details={"taints": [{"key": "gpu", "effect": "NoSchedule"}]}),
        _row("Node", "n4", cpu_m=4000, health=Health.DEGRADED),
    ]
    pods = [
        _row("Pod", "a", node="n1", cpu_m=3000, memory_mb=1024),
        _row("Pod", "b", node="n1", cpu_m=500, details={"phase": "Succeeded"}),
    ]
    free = free_of(nodes, pods)
    assert free == (NodeFree(name="n1", cpu_m=1000, memory_mb=7168, pods=109),)
    assert fits(Asked(pods=2, cpu_m=500), [], (), free).fits
    assert fits(Asked(pods=3, cpu_m=500), [], (), free).reasons == (
        "its nodes have room for 2 pods of 0.5 CPU and 0 MiB, 3 asked",
    )
    assert fits(Asked(pods=1, cpu_m=2000), [], (), free).reasons == (
        "no node has room for a pod of 2 CPU and 0 MiB: n1 has most left, 1 CPU and 7 GiB",
    )


def test_replicas_that_are_missing_are_reserved():
    web = _row("Deployment", "web", wanted=5, cpu_m=500, memory_mb=64)
    missing = missing_of([web, _row("Job", "once", wanted=9, cpu_m=1)], [_row("Pod", "w", owner="Deployment/web")])
    assert missing == {"pods": 4, "requests.cpu": 2, "cpu": 2, "requests.memory": 256 * MIB, "memory": 256 * MIB}
    details = {"resources": [{"name": "count/pods", "hard_number": 10, "used_number": 1}]}
    (room,) = quotas_of([_row("ResourceQuota", "team", details=details)], missing)
    assert (room.left, room.percent) == (5, 50)


def test_a_quota_of_some_pods_is_named_and_not_counted():
    details = {"resources": [{"name": "pods", "hard_number": 1, "used_number": 1}], "scopes": ["BestEffort"]}
    found = fits(Asked(pods=3), quotas_of([_row("ResourceQuota", "low", details=details)]))
    assert (found.fits, found.notes[0]) == (True, "quota low counts only some pods and was not looked at")


def test_a_class_of_storage_has_a_quota_of_its_own():
    room = QuotaRoom(quota="q", resource="fast.storageclass.storage.k8s.io/requests.storage", hard=MIB, used=0)
    assert fits(Asked(claims=1, storage_mb=9, storage_class="slow"), [room]).fits
    assert not fits(Asked(claims=1, storage_mb=9, storage_class="fast"), [room]).fits


def test_each_reason_is_a_sentence_that_other_languages_know():
    quotas = [TEAM, QuotaRoom(quota="m", resource="requests.memory", hard=1, used=1, reserved=1)]
    quotas += [QuotaRoom(quota="low", resource="pods", hard=1, used=1, scopes=("BestEffort",))]
    bounds = [Bounds(name="l", type="Container", resource="cpu", most=1)]
    bounds += [Bounds(name="l", type="Pod", resource="cpu", least=9)]
    full = NodeFree(name="n", cpu_m=1, memory_mb=1, pods=1)
    found = [
        fits(Asked(pods=1, cpu_m=2000, memory_mb=5), quotas, bounds, [full]),
        fits(Asked(pods=2, cpu_m=1, memory_mb=0), quotas, (), [full]),
        fits(Asked(pods=1), [TEAM], (), ()),
        fits(Asked(pods=1, cpu_m=1), [TEAM]),
    ]
    said = [words for one in found for words in (*one.reasons, *one.notes)]
    assert len(said) >= 10
    assert [words for words in said if translated(words, lambda sentence: "") != ""] == []
