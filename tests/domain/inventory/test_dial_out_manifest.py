"""What is applied in a cluster that dials out reads what is watched, runs as nobody, and may nothing else."""

from __future__ import annotations

import base64
from typing import Any

from domain.inventory.dial_out_manifest import Wanted, objects, rules
from domain.inventory.rows import READERS

WANTED = Wanted(cluster="far", server="https://ci.example.org", token="slw_secret", image="registry.example/slw:1")
MADE: dict[Any, Any] = {one["kind"]: one for one in objects(WANTED)}
RULES: Any = rules()


def test_it_may_read_what_is_watched_and_change_nothing():
    may = {(group, name) for rule in RULES for group in rule["apiGroups"] for name in rule["resources"]}

    paths = {reader.path.removeprefix("/apis/").removeprefix("/api/") for reader in READERS.values()}
    assert {f"{group}/{name}".removeprefix("/") for group, name in may} == {
        "events",
        *("/".join([*path.split("/")[:-2], path.split("/")[-1]]) for path in paths),
    }
    assert {verb for rule in RULES for verb in rule["verbs"]} == {"get", "list", "watch"}
    assert not {"secrets", "configmaps", "*"} & {name for _, name in may}


def test_its_process_has_no_power_of_its_node():
    pod = MADE["Deployment"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]

    assert pod["securityContext"]["runAsNonRoot"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.keys()
    assert not any("hostPath" in volume for volume in pod["volumes"])
    assert MADE["Namespace"]["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_the_token_is_in_the_secret_alone():
    assert base64.b64decode(MADE["Secret"]["data"]["token"]) == b"slw_secret"
    others = [one for kind, one in MADE.items() if kind != "Secret"]
    assert "slw_secret" not in str(others)
    assert base64.b64encode(b"slw_secret").decode() not in str(others)


def test_everything_that_has_a_namespace_is_in_one():
    made: Any = objects(Wanted(**{**vars(WANTED), "namespace": "engine"}))
    named = {one["metadata"].get("namespace") for one in made if not one["kind"].startswith(("Cluster", "Namespace"))}
    assert named == {"engine"}
    (subject,) = next(one for one in made if one["kind"] == "ClusterRoleBinding")["subjects"]
    assert subject["namespace"] == "engine"


def test_a_namespace_of_others_is_left_as_it_is():
    made = objects(Wanted(**{**vars(WANTED), "namespace": "engine"}))
    assert [one["kind"] for one in made if one["kind"] == "Namespace"] == []
