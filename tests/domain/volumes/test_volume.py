"""Claims and volumes: how one stands, what may be done with it, what nobody owns."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clusters.health import quantity
from domain.core.documents import Node
from domain.volumes import volume
from domain.volumes.volume import VolumeAction, VolumePhase, VolumeSpec, VolumeStatus

SPEC = VolumeSpec("data", "team", size_gb=4)
phases = st.sampled_from(list(VolumePhase))
seens = st.builds(
    VolumeStatus,
    phases,
    volume=st.sampled_from(["", "pv"]),
    capacity_gb=st.floats(0, 10),
    wanted_gb=st.floats(0.1, 10),
    reclaim=st.sampled_from(["", "Retain", "Recycle", "Delete"]),
    can_expand=st.booleans(),
    can_snapshot=st.booleans(),
)


def claim(status="Bound", storage_class="fast", volume_name="pv", size="4Gi", **meta):
    spec = {"resources": {"requests": {"storage": size}}, "storageClassName": storage_class, "volumeName": volume_name}
    found = {"metadata": {"name": "data", "namespace": "team", **meta}, "spec": spec}
    return {**found, "status": {"phase": status, "capacity": {"storage": size}}}


def pod(name="web", claim_name="data", phase="Running"):
    volumes = [{"persistentVolumeClaim": {"claimName": claim_name}}]
    return {"metadata": {"name": name, "namespace": "team"}, "spec": {"volumes": volumes}, "status": {"phase": phase}}


def test_a_claim_is_in_use_while_a_pod_that_has_not_ended_mounts_it() -> None:
    assert volume.status_of(claim(), pods=[pod()]).phase is VolumePhase.IN_USE
    assert volume.status_of(claim(), pods=[pod(phase="Succeeded"), pod("other", "logs")]).phase is VolumePhase.BOUND


@pytest.mark.parametrize(
    ("found", "storage_class", "said"),
    [
        (claim("Pending", "none", ""), None, "storage class none does not exist"),
        (claim("Pending", "late", ""), {"volumeBindingMode": volume.LATE}, "when its first pod is scheduled"),
        (claim("Pending", "", ""), None, "no volume fits"),
        (claim("Lost"), {}, "its volume pv is gone"),
        (claim(deletionTimestamp="now"), {}, "its volume is being released"),
    ],
)
def test_what_a_claim_waits_for_is_told(found, storage_class, said):
    assert said in volume.status_of(found, storage_class=storage_class).reason


def test_an_event_says_better_why_nothing_is_bound() -> None:
    events = [{"reason": "ProvisioningFailed", "message": "no space in zone a"}]

    assert "no space in zone a" in volume.status_of(claim("Pending", "fast", ""), None, {}, (), events).reason


@given(seens, st.floats(0.1, 10))
def test_no_volume_gets_smaller(now, size):
    if now.phase is not VolumePhase.ABSENT and size < now.wanted_gb:
        assert volume.refusal(VolumeAction.EXPAND, replace(SPEC, size_gb=size), now)


@given(seens)
def test_what_is_not_there_can_only_be_made_or_be_gone(now):
    absent = replace(now, phase=VolumePhase.ABSENT)

    refused = {action for action in VolumeAction if volume.refusal(action, SPEC, absent)}
    assert refused == {VolumeAction.EXPAND, VolumeAction.SNAPSHOT}
    assert volume.done(VolumeAction.DELETE, SPEC, absent, late=False)


@given(seens, st.booleans())
def test_a_snapshot_comes_first_only_where_one_can_be_made(now, wanted):
    first = volume.snapshots_first(VolumeAction.DELETE, now, wanted)

    assert first == (wanted and now.can_snapshot and now.phase is not VolumePhase.ABSENT)
    assert not volume.snapshots_first(VolumeAction.EXPAND, now, wanted)


@given(st.floats(0.01, 65536))
def test_a_claim_asks_for_no_more_than_was_wanted_and_never_for_nothing(size):
    made = volume.claim(replace(SPEC, size_gb=size))
    text = Node(made).at("spec", "resources", "requests", "storage").text()

    asked = quantity(text) / volume.GIB
    assert 0 < asked <= size or size < 1 / 1024
    assert size - asked < 1 / 1024 + 1e-9


def pv(name, phase, reclaim="Retain", claim_name="data", uid="u1"):
    ref = {"namespace": "team", "name": claim_name, "uid": uid} if claim_name else None
    spec = {"capacity": {"storage": "4Gi"}, "persistentVolumeReclaimPolicy": reclaim, "claimRef": ref}
    return {"metadata": {"name": name}, "spec": spec, "status": {"phase": phase}}


@pytest.mark.parametrize("named", ["", "manual"])
def test_a_folder_of_the_nodes_and_its_claim_are_of_the_class_that_is_named_and_otherwise_of_none(named):
    spec = replace(SPEC, host_path="/data", storage_class=named)
    bodies = [Node(volume.claim(spec))["spec"], Node(volume.static_volume(spec))["spec"]]

    assert [body["storageClassName"].value for body in bodies] == [named, named]


def test_orphans_are_volumes_without_claims_and_claims_without_pods() -> None:
    claims = [claim(uid="u1"), claim(uid="u2") | {"metadata": {"name": "old", "namespace": "team", "uid": "u2"}}]
    volumes = [pv("kept", "Bound"), pv("left", "Released", uid="gone"), pv("free", "Available", claim_name="")]

    found = {one.name: one.why for one in volume.orphans(claims, volumes, [pod()])}
    assert found == {"left": "its claim team/data is gone", "team/old": "no pod uses it"}


def growing(kind: str, message: str = "") -> dict:
    found = claim()
    found["status"]["conditions"] = [{"type": kind, "status": "True", "message": message}]
    return found


def behind(size: str) -> dict:
    return {"spec": {"capacity": {"storage": size}}}


@pytest.mark.parametrize(
    ("found", "size", "pods", "over"),
    [
        (growing("FileSystemResizePending"), "8Gi", [], True),
        (growing("FileSystemResizePending"), "4Gi", [], False),
        (growing("FileSystemResizePending"), "8Gi", [pod()], False),
        (claim(), "8Gi", [], False),
    ],
    ids=["nobody mounts it", "of an earlier growth", "its pod's node grows it", "nobody has begun"],
)
def test_growth_of_a_volume_that_no_pod_mounts_is_over_when_its_driver_is_done(found, size, pods, over):
    now = volume.status_of(found, behind(size), pods=pods)
    assert volume.done(VolumeAction.EXPAND, replace(SPEC, size_gb=8), now, late=False) is over


def test_growth_that_fails_says_why() -> None:
    now = volume.status_of(growing("ControllerResizeError", "no space"), behind("4Gi"), pods=[pod()])
    assert (now.phase, now.growth) == (VolumePhase.IN_USE, "ControllerResizeError: no space")
    assert not volume.done(VolumeAction.EXPAND, replace(SPEC, size_gb=8), now, late=False)


def test_a_late_claim_whose_pod_is_scheduled_says_what_failed() -> None:
    events = [{"reason": "ProvisioningFailed", "message": "no space"}]
    waits = claim("Pending", "late", "", annotations={volume.SELECTED: "node-1"})
    assert "no space" in volume.status_of(waits, None, {"volumeBindingMode": volume.LATE}, (), events).reason
