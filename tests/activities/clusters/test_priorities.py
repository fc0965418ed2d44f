"""Priority classes of a definition come, are made again with another value, and go; those of others stay."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest

from activities.clusters import in_cluster
from activities.kubernetes.client import Kube
from domain.clusters.plan import Phase, Verb, difference, items
from domain.clusters.spec import ClusterSpec, Priority
from domain.core.documents import Object
from domain.core.errors import SluicewayError
from tests.activities.clusters.test_other_namespaces import Api

SPEC = ClusterSpec("edge", "memory", priorities=(Priority("high", 100), Priority("low", -1, preempts=False)))


def values(api: Api) -> dict[str, object]:
    return {name: one["value"] for (kind, _, name), one in api.objects.items() if kind == in_cluster.PRIORITY}


def test_priority_classes_come_change_and_go_with_the_definition() -> None:
    api = Api()
    kube = cast(Kube, api)
    api.apply({"kind": in_cluster.PRIORITY, "metadata": {"name": "theirs"}, "value": 7})
    in_cluster.apply(kube, Phase.TENANTS, SPEC)
    assert values(api) == {"theirs": 7, "high": 100, "low": -1}
    assert {
        one.verb
        for one in difference(items(SPEC), list(in_cluster.existing(kube, SPEC)))
        if one.kind == "priority-class"
    } == {Verb.KEEP}

    higher = replace(SPEC, priorities=(Priority("high", 200),))
    assert in_cluster.drift(kube, higher) == ("PriorityClass high was changed",)
    in_cluster.apply(kube, Phase.TENANTS, higher)
    assert values(api) == {"theirs": 7, "high": 200}
    assert in_cluster.drift(kube, higher) == ()
    in_cluster.undo(kube, Phase.TENANTS)
    assert values(api) == {"theirs": 7}


def test_a_class_of_somebody_else_is_neither_taken_nor_deleted() -> None:
    api = Api()
    theirs: Object = {"kind": in_cluster.PRIORITY, "metadata": {"name": "high"}, "value": 7}
    api.apply(theirs)
    with pytest.raises(SluicewayError, match="somebody else's") as refused:
        in_cluster.apply(cast(Kube, api), Phase.TENANTS, SPEC)
    assert refused.value.code == "SLW948"
    assert api.get("", in_cluster.PRIORITY, "high") == theirs
