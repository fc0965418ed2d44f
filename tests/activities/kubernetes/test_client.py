"""Clients of clusters: kept while their cluster is there, and wary of what answers them."""

import os
from types import SimpleNamespace

import pytest
from kubernetes.client.exceptions import ApiException
from kubernetes.dynamic.exceptions import ConflictError, NotFoundError

from activities.kubernetes.client import Kube
from activities.kubernetes.discovery import Kubes
from activities.kubernetes.port import REFUSALS
from domain.clusters.access import Access
from domain.clusters.pending import refused
from domain.core.errors import SluicewayError

NOWHERE = '{"kind": "Status", "message": "namespaces \\"nowhere\\" not found", "code": 404}'


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


def answering(tmp_path, text: str) -> Kube:
    """A client whose server says the same to everything."""
    kube = Kube(Access("file:/k"), tmp_path / "discovery")
    answer = SimpleNamespace(data=text.encode())
    pods = SimpleNamespace(get=lambda **_: answer, create=lambda **_: answer, patch=lambda **_: answer)
    resources = SimpleNamespace(get=lambda **_: pods)
    kube.__dict__["_dynamic"] = SimpleNamespace(
        resources=resources, request=lambda *_, **__: answer, server_side_apply=lambda *_, **__: answer
    )
    return kube


POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "team"}}
CALLS = {
    "version": lambda kube: kube.version(),
    "get": lambda kube: kube.get("v1", "Pod", "web", "team"),
    "items": lambda kube: kube.items("v1", "Pod", "team"),
    "create": lambda kube: kube.create(POD),
    "apply": lambda kube: kube.apply(POD),
    "patch": lambda kube: kube.patch("v1", "Pod", "web", POD, "team"),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("text", ["<html>a proxy</html>", "[]", ""])
def test_what_answers_in_place_of_the_api_server_is_an_error_with_its_words(tmp_path, call, text):
    with pytest.raises(SluicewayError, match=r"SLW943[\s\S]*no object came back"):
        CALLS[call](answering(tmp_path, text))


def test_each_object_of_a_list_says_its_kind_and_version(tmp_path):
    found, version = answering(
        tmp_path, '{"kind": "PodList", "metadata": {"resourceVersion": "7"}, "items": [{"metadata": {"name": "web"}}]}'
    ).items_at("v1", "Pod", "team")
    assert found == [{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}}]
    assert version == "7"


def test_a_list_without_objects_is_empty(tmp_path):
    assert answering(tmp_path, '{"kind": "PodList", "items": null}').items_at("v1", "Pod") == ([], "")


def test_an_object_for_a_namespace_that_is_not_there_is_refused_with_its_name(tmp_path):
    kube = answering(tmp_path, "{}")

    def nowhere(**_):
        raise NotFoundError(ApiException(404, "Not Found", body=NOWHERE))

    kube.__dict__["_dynamic"].resources = SimpleNamespace(get=lambda **_: SimpleNamespace(create=nowhere))
    with pytest.raises(SluicewayError) as told:
        kube.create({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x", "namespace": "nowhere"}})
    assert told.value.status in REFUSALS
    assert refused(told.value.why) == "the cluster has no namespace nowhere"


def test_a_deletion_of_one_object_leaves_another_of_its_name_and_gives_its_connection_back(tmp_path):
    asked, read = [], []

    class Answer:
        @property
        def data(self):
            read.append(True)
            return b"{}"

    def delete(body, **_):
        asked.append(body["preconditions"])
        if len(asked) > 1:
            raise ConflictError(ApiException(409, "Conflict", body="{}"))
        return Answer()

    kube = answering(tmp_path, "{}")
    kube.__dict__["_dynamic"].resources = SimpleNamespace(get=lambda **_: SimpleNamespace(delete=delete))
    for _ in range(2):
        kube.delete("v1", "Pod", "web", "team", uid="7")

    assert asked == [{"uid": "7"}] * 2
    assert read == [True]
