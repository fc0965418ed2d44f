"""Snapshots: taken by a class of the volume's driver, restored when they are ready and fit, found when nobody needs them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.core.documents import Manifest, Node
from domain.volumes import snapshots
from domain.volumes.volume import GIB, VolumeSpec

SPEC = VolumeSpec("data", "team", size_gb=2, from_snapshot="before")
VOLUME: Manifest = {"spec": {"csi": {"driver": "disk.example"}}}


def kind(name: str, driver: str = "disk.example", default: str = "false") -> Manifest:
    return {"metadata": {"name": name, "annotations": {snapshots.DEFAULT: default}}, "driver": driver}


def taken(**status: object) -> Manifest:
    return {"metadata": {"name": "before", "namespace": "team", "uid": "s1"}, "status": status}  # type: ignore[dict-item]


@given(st.permutations([kind("b"), kind("a"), kind("z", default="true"), kind("0", "other.example", "true")]))
def test_the_drivers_default_class_takes_a_snapshot_and_otherwise_the_first(classes):
    assert snapshots.class_of(VOLUME, classes) == "z"
    plain = [one for one in classes if Node(one).at("metadata", "name").text() != "z"]
    assert snapshots.class_of(VOLUME, plain) == "a"


def test_no_class_of_another_driver_and_none_for_a_folder_of_the_nodes() -> None:
    assert snapshots.class_of(VOLUME, [kind("a", "other.example", "true")]) == ""
    assert snapshots.class_of({"spec": {"hostPath": {"path": "/data"}}}, [kind("a", "")]) == ""


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (None, "there is no snapshot team/before"),
        (taken(), "is not ready: it is being taken"),
        (taken(error={"message": "no space"}), "is not ready: no space"),
        (taken(readyToUse=True, restoreSize="3Gi"), "holds 3 GiB, and 2 are requested"),
        (taken(readyToUse=True, restoreSize="2Gi"), ""),
        (taken(readyToUse=True), ""),
    ],
)
def test_what_cannot_be_restored_is_refused_before_a_claim_waits_for_it(found, said):
    why = snapshots.not_restored(SPEC, found)
    assert said in why
    assert bool(why) == bool(said)


def test_a_snapshot_names_a_class_only_where_one_was_chosen() -> None:
    named = [Node(snapshots.snapshot(replace(SPEC), "s", one))["spec"].object() for one in ("", "fast")]
    assert [one.get("volumeSnapshotClassName") for one in named] == [None, "fast"]


def content(name: str, uid: str, of: str = "before") -> Manifest:
    ref: Manifest = {"namespace": "team", "name": of, "uid": uid}
    return {"metadata": {"name": name}, "spec": {"volumeSnapshotRef": ref}, "status": {"restoreSize": 3 * GIB}}


def test_content_whose_snapshot_is_gone_is_nobodys() -> None:
    contents = [content("used", "s1"), content("left", "s0"), content("bound-later", ""), content("nobody", "", "none")]
    found = {one.name: (one.why, one.size_gb) for one in snapshots.orphans([taken()], contents)}
    assert found == {"left": ("its snapshot team/before is gone", 3), "nobody": ("its snapshot team/none is gone", 3)}
