"""Requests in a cluster that was made elsewhere, through its API: done, done once more, half done, taken back."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field, replace

import pytest

from activities.clusters import request_objects
from domain.clusters import metadata
from domain.clusters.request_ground import LABEL, NAME
from domain.clusters.request_marks import fields_of
from domain.clusters.requests import ClusterRequest, RequestKind, at_home
from domain.core.documents import Manifest, Node, Object
from domain.core.errors import RefusedError, SluicewayError
from tests.domain.clusters.test_request_marks import patched

ID = "request/dc/1"
HOME, OTHER = "1" * 16, "2" * 16
BY = at_home(ID, HOME)
POLICY = "sluiceway-request-11111111-1"
MORE = ClusterRequest(
    "dc", "shop", RequestKind.QUOTA, values={"cpu": 12.0, "claims": 3.0}, before={"cpu": 8.0, "claims": 0.0}, reason="r"
)
OPENS = ClusterRequest("dc", "shop", RequestKind.EXCEPTION, allow_from=("batch",), reason="r", until=10**10)


def theirs(kind: str, name: str, spec: Manifest) -> Manifest:
    return {"kind": kind, "metadata": {"name": name, "namespace": "shop"}, "spec": spec}


@dataclass
class Api:
    """Objects by kind and name."""

    objects: dict[tuple[str, str], Object] = field(default_factory=dict)
    denied: str = ""
    conflicts: int = 0
    """Patches that somebody else is faster than."""
    breaks: int = 0
    """Patches before the cluster is away."""

    def put(self, *found: Object) -> Api:
        self.objects |= {(Node(one)["kind"].text(), metadata.name(one)): one for one in found}
        return self

    def refused(self, api_version: str, kind: str, verb: str, namespace: str) -> str:
        return f"RBAC: {verb}" if self.denied == verb else ""

    def create(self, manifest: Object) -> Object:
        return self.objects.setdefault((Node(manifest)["kind"].text(), metadata.name(manifest)), dict(manifest))

    def get(self, api_version: str, kind: str, name: str, namespace: str = "") -> Object | None:
        return {"kind": kind} if kind == "Namespace" else copy.deepcopy(self.objects.get((kind, name)))

    def items(self, api_version: str, kind: str, namespace: str = "", labels: str = "") -> list[Object]:
        return [copy.deepcopy(one) for (of, _), one in sorted(self.objects.items()) if of == kind]

    def items_at(
        self, api_version: str, kind: str, namespace: str = "", labels: str = "", fields: str = ""
    ) -> tuple[list[Object], str]:
        return self.items(api_version, kind), "1"

    def patch(self, api_version: str, kind: str, name: str, patch: Object, namespace: str = "") -> Object | None:
        if self.conflicts:
            self.conflicts -= 1
            raise SluicewayError("SLW943", "refused", why="it has changed", status=409)
        self.breaks -= 1
        if self.breaks == 0:
            raise SluicewayError("SLW943", "away", why="connection refused")
        self.objects[kind, name] = patched(self.objects[kind, name], patch)
        return self.objects[kind, name]

    def delete(
        self, api_version: str, kind: str, name: str, namespace: str = "", grace_s: int | None = None, uid: str = ""
    ) -> None:
        self.objects.pop((kind, name), None)

    def hard(self, name: str) -> dict[str, str]:
        return fields_of(self.objects["ResourceQuota", name])


def applied(api: Api, by: str, asked: ClusterRequest) -> list[str]:
    """What it has changed."""
    changed: list[str] = []
    request_objects.apply(api, by, asked, changed.append)
    return changed


@pytest.fixture
def api() -> Api:
    closed = theirs("NetworkPolicy", "default-deny", {"podSelector": {}, "policyTypes": ["Ingress"]})
    return Api().put(theirs("ResourceQuota", "compute", {"hard": {"requests.cpu": "8"}}), closed)


def test_what_is_done_twice_is_done_once_and_all_of_it_is_taken_back(api: Api) -> None:
    before = copy.deepcopy(api.objects)
    for _ in range(2):
        applied(api, BY, MORE)
    assert (api.hard("compute"), api.hard(NAME)) == ({"requests.cpu": "12"}, {"persistentvolumeclaims": "3"})
    for _ in range(2):
        request_objects.take_back(api, BY, MORE)
    assert {key: fields_of(one) for key, one in api.objects.items()} == {
        key: fields_of(one) for key, one in before.items()
    }


def test_what_was_left_half_done_is_finished_and_taken_back(api: Api) -> None:
    api.breaks = 2
    with pytest.raises(SluicewayError, match="away"):
        applied(api, BY, MORE)
    assert api.hard("compute") == {"requests.cpu": "12"}
    applied(api, BY, MORE)
    assert api.hard(NAME) == {"persistentvolumeclaims": "3"}
    request_objects.take_back(api, BY, MORE)
    assert ("ResourceQuota", NAME) not in api.objects


def test_an_object_that_somebody_changes_meanwhile_is_looked_at_again(api: Api) -> None:
    api.conflicts = 2
    applied(api, BY, MORE)
    assert api.hard("compute") == {"requests.cpu": "12"}
    api.conflicts = 99
    with pytest.raises(SluicewayError, match="all the time"):
        request_objects.take_back(api, BY, MORE)


def test_a_policy_comes_and_goes_and_one_of_somebody_else_stays(api: Api) -> None:
    applied(api, BY, OPENS)
    applied(api, BY, OPENS)
    request_objects.take_back(api, at_home("request/other/1", HOME), OPENS)
    assert ("NetworkPolicy", POLICY) in api.objects
    request_objects.take_back(api, BY, OPENS)
    assert ("NetworkPolicy", POLICY) not in api.objects
    api.put(theirs("NetworkPolicy", POLICY, {"podSelector": {}}))
    with pytest.raises(RefusedError, match="cannot be done"):
        applied(api, BY, OPENS)
    request_objects.take_back(api, BY, OPENS)
    assert ("NetworkPolicy", POLICY) in api.objects


def test_what_was_changed_since_or_may_not_be_changed_is_not_begun(api: Api) -> None:
    api.put(theirs("ResourceQuota", "compute", {"hard": {"requests.cpu": "6"}}))
    with pytest.raises(RefusedError) as moved:
        applied(api, BY, MORE)
    assert "was changed since" in moved.value.why
    api.denied = "patch"
    with pytest.raises(RefusedError) as denied:
        applied(api, BY, MORE)
    assert "may not patch ResourceQuota objects in shop: RBAC: patch" in denied.value.why
    assert api.hard("compute") == {"requests.cpu": "6"}


def test_a_cluster_that_is_forgotten_keeps_what_stays_and_nothing_else(api: Api) -> None:
    applied(api, BY, OPENS)
    applied(api, at_home("request/dc/2", HOME), replace(MORE, until=10**10))
    lasting = replace(MORE, values={"pods": 9.0}, before={"pods": 0.0})
    applied(api, at_home("request/dc/3", HOME), lasting)
    assert request_objects.forgotten(api, "known-here-by-another-name", HOME) == []
    assert request_objects.forgotten(api, "dc", OTHER) == []
    assert api.hard("compute") == {"requests.cpu": "12"}
    assert request_objects.forgotten(api, "dc", HOME) == []
    assert api.hard("compute") == {"requests.cpu": "8"}
    assert api.hard(NAME) == {"pods": "9"}
    assert not [one for one in api.objects.values() if LABEL in metadata.annotations(one)]


@pytest.mark.parametrize("asked", [MORE, OPENS], ids=["quota", "exception"])
def test_two_installations_that_know_a_cluster_by_one_name_do_not_take_each_others_request_for_their_own(
    api: Api, asked: ClusterRequest
) -> None:
    """Both count requests from 1."""
    applied(api, BY, asked)
    before = copy.deepcopy(api.objects)
    theirs_too = at_home(ID, OTHER)
    request_objects.take_back(api, theirs_too, asked)
    assert api.objects == before
    later = replace(asked, values={name: value + 1 for name, value in asked.values.items()}, before=asked.values)
    applied(api, theirs_too, later)
    request_objects.take_back(api, BY, asked)
    assert api.objects != before
    request_objects.take_back(api, theirs_too, later)
    assert api.hard("compute") == {"requests.cpu": "8"}
    assert not [name for name in api.objects if "sluiceway" in name[1]]


def test_a_policy_of_another_installation_by_the_same_name_is_refused_and_stays(api: Api) -> None:
    stolen = theirs("NetworkPolicy", POLICY, {"podSelector": {}})
    stolen["metadata"]["annotations"] = {LABEL: at_home(ID, OTHER)}  # type: ignore[index]
    api.put(stolen)
    with pytest.raises(RefusedError, match="cannot be done") as refused:
        applied(api, BY, OPENS)
    assert (refused.value.code, "somebody else's" in refused.value.why) == ("SLW971", True)
    assert request_objects.forgotten(api, "dc", HOME) == []
    assert ("NetworkPolicy", POLICY) in api.objects
