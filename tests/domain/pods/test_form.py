"""A pod's form says what is wrong at its field, and a manifest what people should know at its path."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.core.documents import Manifest
from domain.core.values import Json
from domain.pods import comparison, form, object_action
from domain.pods.manifest import PodSpec, manifest
from domain.pods.object_action import ObjectAction, refusal
from domain.pods.owners import controller_of

FINE = PodSpec("registry.example/hello:1", ("sh",), env={"A": "b"}, ports=(8080,), cpu=0.5, files={"a/b.yaml": "x"})


def fields(
    spec: PodSpec = FINE, name: str = "hello", secrets: dict[str, str] | None = None, s: float = 60
) -> list[str]:
    return [one.field for one in form.complaints(name, "default", spec, secrets or {}, s)]


def test_a_pod_with_sensible_values_is_fine():
    assert fields(secrets={"TOKEN": "cloud-token"}) == []


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("image", replace(FINE, image="")),
        ("image", replace(FINE, image="a b")),
        ("ports", replace(FINE, ports=(0,))),
        ("ports", replace(FINE, ports=(70_000,))),
        ("cpu", replace(FINE, cpu=-1)),
        ("memory", replace(FINE, memory_mb=-1)),
        ("env", replace(FINE, env={"1A": "x"})),
        ("files", replace(FINE, files={"../etc/passwd": "x"})),
        ("files", replace(FINE, files={"/etc/passwd": "x"})),
        ("files", replace(FINE, files={"a": "x" * 600_000})),
    ],
)
def test_what_is_wrong_is_said_at_its_field(field: str, wrong: PodSpec):
    assert fields(wrong) == [field]


def test_names_times_and_secrets_have_fields_of_their_own():
    assert fields(name="Hello") == ["name"]
    assert fields(name="x" * 60) == ["name"]
    assert fields(s=0) == ["timeout"]
    assert fields(secrets={"A": "x"}) == ["secrets"]
    assert fields(secrets={"T": "file:/etc/shadow"}) == ["secrets"]


def test_what_basic_mode_makes_gives_no_remark_but_that_of_its_limits():
    assert [one.words for one in form.remarks(manifest(FINE)) if one.is_error] == []
    assert [one.path for one in form.remarks(manifest(FINE))] == []


def test_what_leaves_its_isolation_is_remarked_at_its_path():
    wild: Manifest = {
        "kind": "Pod",
        "spec": {
            "hostNetwork": True,
            "volumes": [{"name": "v", "hostPath": {"path": "/"}}],
            "containers": [{"name": "a", "image": "x", "securityContext": {"privileged": True}}],
        },
    }
    found = [one.path for one in form.remarks(wild)]
    for path in (
        ("spec", "hostNetwork"),
        ("spec", "volumes", 0, "hostPath"),
        ("spec", "containers", 0, "image"),
        ("spec", "containers", 0, "securityContext", "privileged"),
    ):
        assert path in found
    assert [one.is_error for one in form.remarks({"kind": "Secret", "spec": {}})] == [True]


def test_a_difference_shows_no_value_of_the_other_pod():
    live: Manifest = {
        "image": "a",
        "env": [{"name": "T", "value": "hunter2"}, {"name": "B", "value": "same"}],
        "args": ["-p", "x"],
    }
    wanted: Manifest = {
        "image": "b",
        "env": [{"name": "T", "value": "new"}, {"name": "B", "value": "same"}],
        "args": ["-q"],
    }
    seen = comparison.like({**live, "more": 1}, wanted)

    assert seen == {
        "image": "a",
        "env": [{"name": "T", "value": "***"}, {"name": "B", "value": "same"}],
        "args": "***",
    }
    assert comparison.like([{"name": "x", "value": "hunter2"}], []) == [{"name": "x"}]


def test_an_action_is_for_kinds_that_can_have_it_and_for_the_object_that_was_looked_at():
    found: Manifest = {"kind": "Deployment", "metadata": {"uid": "u1"}, "spec": {"paused": True}}
    assert refusal(ObjectAction.RESTART, "Pod", found, "u1")
    assert refusal(ObjectAction.DELETE, "Deployment", found, "u1")
    assert "another object" in refusal(ObjectAction.RESTART, "Deployment", found, "u2")
    assert "paused" in refusal(ObjectAction.RESTART, "Deployment", found, "u1")
    assert refusal(ObjectAction.RESTART, "Deployment", {**found, "spec": {}}, "u1") == ""
    assert refusal(ObjectAction.DELETE, "Pod", None, "u1")
    assert object_action.restart("u1", "now")["metadata"] == {"uid": "u1"}


def test_a_controller_is_the_owner_that_says_so():
    owners: list[Json] = [{"kind": "Node", "name": "n1"}, {"kind": "ReplicaSet", "name": "web-1", "controller": True}]
    assert controller_of({"metadata": {"ownerReferences": owners}}) == ("ReplicaSet", "web-1")
    assert controller_of({"metadata": {}}) == ("", "")
