"""Requests in an object of somebody else: taken back in any order it is what it was, and its owner has the last word."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clusters.request_marks import MARK, MOST, Change, Mark, done, fields_of, is_left_over, marks_of, taken_back
from domain.core.documents import Manifest, Node, Object
from domain.core.values import Json

QUOTA: Manifest = {
    "kind": "ResourceQuota",
    "metadata": {"name": "compute", "namespace": "shop", "annotations": {"owner": "platform"}},
    "spec": {"hard": {"requests.cpu": "8", "pods": "40"}, "scopes": []},
}
LIMITS: Manifest = {
    "kind": "LimitRange",
    "metadata": {"name": "limits", "namespace": "shop"},
    "spec": {
        "limits": [
            {"type": "Pod", "max": {"cpu": "8"}},
            {"type": "Container", "max": {"cpu": "2"}, "default": {"cpu": "1"}, "maxLimitRequestRatio": {"cpu": "4"}},
        ]
    },
}
NAMES = {"ResourceQuota": ("requests.cpu", "pods", "requests.memory"), "LimitRange": ("max.cpu", "default.memory")}


def merged(one: Json, patch: Json) -> Json:
    """RFC 7396."""
    if not isinstance(patch, dict):
        return patch
    whole = dict(one) if isinstance(one, dict) else {}
    for key, value in patch.items():
        whole[key] = merged(whole.get(key), value) if value is not None else None
    return {key: value for key, value in whole.items() if value is not None}


def patched(one: Object, patch: Object | None) -> Object:
    if patch is None:
        return one
    whole = Node(merged(copy.deepcopy(dict(one)), dict(patch))).object()
    meta = {key: value for key, value in Node(whole)["metadata"].object().items() if key != "resourceVersion"}
    return {**whole, "metadata": meta}


def with_(one: Object, id_: str, name: str, value: str) -> Object:
    return patched(one, done(one, Mark(id_, 0, {name: Change(fields_of(one).get(name, ""), value)})))


@pytest.mark.parametrize("owned", [QUOTA, LIMITS], ids=["quota", "limits"])
@given(st.data())
def test_whatever_is_done_and_taken_back_in_any_order_leaves_the_object_as_it_was(owned: Manifest, data) -> None:
    names = NAMES[str(owned["kind"])]
    wished = st.lists(st.tuples(st.sampled_from(names), st.sampled_from(["1", "2", "3", "1000m"])), max_size=6)
    wishes = data.draw(wished)
    left, open_, one = list(enumerate(wishes)), list[int](), dict[str, Json](owned)
    while left or open_:
        if left and (not open_ or data.draw(st.booleans())):
            number, (name, value) = left.pop(0)
            one = dict(with_(one, f"request/edge/{number}", name, value))
            open_.append(number)
        else:
            one = dict(
                patched(one, taken_back(one, f"request/edge/{open_.pop(data.draw(st.integers(0, len(open_) - 1)))}"))
            )
    assert fields_of(one) == fields_of(owned)
    assert Node(one)["metadata"].object().get("annotations", {}) == Node(owned)["metadata"].object().get(
        "annotations", {}
    )


def test_what_its_owner_has_set_since_stays() -> None:
    one = with_(QUOTA, "request/edge/1", "requests.cpu", "12")
    lowered = patched(one, {"spec": {"hard": {"requests.cpu": "6"}}})
    assert fields_of(patched(lowered, taken_back(lowered, "request/edge/1")))["requests.cpu"] == "6"


def test_it_is_done_once_and_other_entries_stay_as_they_are() -> None:
    one = with_(LIMITS, "request/edge/1", "max.cpu", "500m")
    assert done(one, marks_of(one)[0]) is None
    pod, container = list(Node(one).at("spec", "limits"))
    assert pod["max"].strings() == {"cpu": "8"}
    assert container["maxLimitRequestRatio"].strings() == {"cpu": "4"}
    assert taken_back(QUOTA, "request/edge/1") is None


def test_an_object_of_ours_goes_with_its_last_request() -> None:
    own: Manifest = {
        **QUOTA,
        "metadata": {"name": "n", "labels": {"app.kubernetes.io/managed-by": "sluiceway"}},
        "spec": {"hard": {}},
    }
    one = with_(with_(own, "request/edge/1", "pods", "4"), "request/edge/2", "requests.cpu", "4")
    first = taken_back(one, "request/edge/2")
    assert first is not None
    assert not is_left_over(one, first)
    one = patched(one, first)
    last = taken_back(one, "request/edge/1")
    assert last is not None
    assert is_left_over(one, last)
    theirs = with_({**QUOTA, "spec": {"hard": {}}}, "request/edge/1", "pods", "4")
    assert not is_left_over(theirs, taken_back(theirs, "request/edge/1") or {})


@pytest.mark.parametrize(
    "text", ["{", "1", '["x"]', '{"id": 1}', "null", json.dumps([{"fields": {"a": 1}}]), "[" * 100_000]
)
def test_an_annotation_that_somebody_else_wrote_breaks_nothing(text: str) -> None:
    one = patched(QUOTA, {"metadata": {"annotations": {MARK: text}}})
    assert fields_of(with_(one, "request/edge/1", "pods", "50"))["pods"] == "50"


@pytest.mark.parametrize("name", ["cpu", "max", "max.", "type.cpu", "..", ""])
def test_a_field_that_no_object_has_is_not_put_back(name: str) -> None:
    said = [{"id": "request/edge/1", "fields": {name: {"before": "1", "after": ""}}}]
    one = patched(LIMITS, {"metadata": {"annotations": {MARK: json.dumps(said)}}})
    assert fields_of(patched(one, taken_back(one, "request/edge/1"))) == fields_of(LIMITS)


def test_an_object_remembers_so_many_requests_and_no_more() -> None:
    one: Object = QUOTA
    for number in range(MOST):
        one = with_(one, f"request/edge/{number}", "pods", str(number + 50))
    with pytest.raises(ValueError, match="end some of them"):
        with_(one, "request/edge/more", "pods", "9")
