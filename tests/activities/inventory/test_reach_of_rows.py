"""From a NetworkPolicy of an API server to who may reach whom: nothing of what it says is lost on the way."""

from __future__ import annotations

import json
from typing import Any

import pytest

from activities.inventory.decoding import Unfit, decoder_of
from domain.inventory.network_shapes import NetworkPolicy
from domain.inventory.policies import policy_row
from domain.inventory.policy_manifest import manifest_of
from domain.inventory.reach import Answer, End, policy_of, reaches
from domain.inventory.scene import Scene

NEAR = End(namespace="shop", labels={"app": "web"}, namespace_labels={"team": "shop"})
FAR = End(namespace="ops", labels={"app": "cron"}, namespace_labels={"team": "ops"})
OUTSIDE = End(address="10.9.0.1")
OPEN: dict[str, Any] = {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{}]}
CASES = [
    ({"podSelector": {}, "policyTypes": ["Ingress"]}, Answer.NONE, Answer.NONE, Answer.NONE),
    (OPEN, Answer.ALL, Answer.ALL, Answer.ALL),
    ({**OPEN, "podSelector": {"matchLabels": {"app": "db"}}, "ingress": []}, Answer.ALL, Answer.ALL, Answer.ALL),
    ({**OPEN, "ingress": [{"from": [{"podSelector": {}}]}]}, Answer.ALL, Answer.NONE, Answer.NONE),
    ({**OPEN, "ingress": [{"from": [{"namespaceSelector": {}}]}]}, Answer.ALL, Answer.ALL, Answer.NONE),
    (
        {**OPEN, "ingress": [{"from": [{"namespaceSelector": {"matchLabels": {"team": "ops"}}, "podSelector": {}}]}]},
        *(Answer.NONE, Answer.ALL, Answer.NONE),
    ),
    (
        {**OPEN, "ingress": [{"from": [{"ipBlock": {"cidr": "10.0.0.0/8"}}], "ports": [{"port": 80}]}]},
        *(Answer.NONE, Answer.NONE, Answer.SOME),
    ),
    ({**OPEN, "ingress": [{"ports": [{"port": "http"}]}]}, Answer.SOME, Answer.SOME, Answer.SOME),
]


def _decoded(spec: dict[str, Any]) -> NetworkPolicy:
    meta = {"name": "p", "namespace": "shop", "uid": "u"}
    found = decoder_of(NetworkPolicy).one(json.dumps({"metadata": meta, "spec": spec}).encode())
    assert not isinstance(found, Unfit)
    return found


@pytest.mark.parametrize(("spec", "near", "far", "outside"), CASES)
def test_a_policy_of_an_api_server_says_who_gets_in(spec: dict[str, Any], near: Answer, far: Answer, outside: Answer):
    policy = policy_of(policy_row(_decoded(spec), Scene(cluster="c")))
    target = End(namespace="shop", labels={"app": "web"}, namespace_labels={"team": "shop"})
    found = [reaches([policy], source, target).answer for source in (NEAR, FAR, OUTSIDE)]
    assert found == [near, far, outside]


@pytest.mark.parametrize("spec", [case[0] for case in CASES])
def test_a_policy_is_shown_as_it_was_applied(spec: dict[str, Any]):
    made = manifest_of(policy_row(_decoded(spec), Scene(cluster="c")))["spec"]
    assert isinstance(made, dict)
    wanted = {**spec, "ingress": spec.get("ingress", [])}
    for rule in wanted["ingress"]:
        for port in rule.get("ports", ()):
            port["protocol"] = "TCP"
    assert made == wanted
