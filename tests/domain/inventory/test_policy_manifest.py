"""A policy is shown as its cluster has it."""

from __future__ import annotations

from domain.inventory.model import ObjectRow
from domain.inventory.policy_manifest import manifest_of


def test_a_policy_is_written_as_kubernetes_writes_it():
    rule = {
        "peers": [
            {"of": "pods-in-namespaces", "pods": {"labels": {"app": "x"}}, "namespaces": {}},
            {"of": "network", "cidr": "10.0.0.0/8", "excepted": ["10.1.0.0/16"]},
        ],
        "ports": ["80/TCP", "http/TCP", "8000-8010/TCP", "*/UDP"],
    }
    expression = {"key": "tier", "operator": "In", "values": ["a"]}
    details = {"selector": {"expressions": [expression]}, "types": ["Ingress", "Egress"], "ingress": [rule]}
    made = manifest_of(ObjectRow(cluster="c", kind="NetworkPolicy", namespace="shop", name="p", details=details))
    assert made["spec"] == {
        "podSelector": {"matchExpressions": [expression]},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [
            {
                "from": [
                    {"podSelector": {"matchLabels": {"app": "x"}}, "namespaceSelector": {}},
                    {"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}},
                ],
                "ports": [
                    {"protocol": "TCP", "port": 80},
                    {"protocol": "TCP", "port": "http"},
                    {"protocol": "TCP", "port": 8000, "endPort": 8010},
                    {"protocol": "UDP"},
                ],
            }
        ],
        "egress": [],
    }
