"""Who may reach whom is what a slow reading of the specification says, port by port."""

from __future__ import annotations

from itertools import product
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.inventory.model import ObjectRow
from domain.inventory.reach import EVERY_PORT, Answer, End, Ports, policy_of, reaches

SPACES = {"a": {"team": "one"}, "b": {"team": "two"}}
LABELS = st.dictionaries(st.sampled_from(["app", "tier"]), st.sampled_from(["x", "y"]), max_size=2)
NAMED = {"http": Ports("TCP", 2, 2)}
EXPRESSIONS = st.fixed_dictionaries(
    {
        "key": st.sampled_from(["app", "tier", "team"]),
        "operator": st.sampled_from(["In", "NotIn", "Exists", "DoesNotExist", "Like"]),
        "values": st.lists(st.sampled_from(["x", "y", "one"]), max_size=2),
    }
)
SELECTORS = st.fixed_dictionaries({"labels": LABELS, "expressions": st.lists(EXPRESSIONS, max_size=1)})
PEERS = st.one_of(
    st.fixed_dictionaries({"of": st.just("pods"), "pods": SELECTORS}),
    st.fixed_dictionaries({"of": st.just("namespaces"), "namespaces": SELECTORS}),
    st.fixed_dictionaries({"of": st.just("pods-in-namespaces"), "pods": SELECTORS, "namespaces": SELECTORS}),
    st.fixed_dictionaries(
        {"of": st.just("network"), "cidr": st.just("10.0.0.0/8"), "excepted": st.just(["10.1.0.0/16"])}
    ),
)
PORTS = st.sampled_from(["1/TCP", "http/TCP", "other/TCP", "2-3/TCP", "*/UDP", "3/UDP"])
RULES = st.lists(
    st.fixed_dictionaries({"peers": st.lists(PEERS, max_size=2), "ports": st.lists(PORTS, max_size=2)}), max_size=2
)
POLICIES = st.fixed_dictionaries(
    {
        "namespace": st.sampled_from(list(SPACES)),
        "selector": SELECTORS,
        "types": st.sampled_from([["Ingress"], ["Egress"], ["Ingress", "Egress"]]),
        "ingress": RULES,
        "egress": RULES,
    }
)
ENDS = st.one_of(
    st.builds(
        lambda space, labels: End(namespace=space, labels=labels, namespace_labels=SPACES[space], named=NAMED),
        st.sampled_from(list(SPACES)),
        LABELS,
    ),
    st.sampled_from([End(address="10.2.3.4"), End(address="10.1.3.4"), End(address="192.0.2.1")]),
)


def _row(number: int, said: dict[str, Any]) -> ObjectRow:
    return ObjectRow(cluster="c", kind="NetworkPolicy", namespace=said["namespace"], name=f"p{number}", details=said)


@given(st.lists(POLICIES, max_size=3), ENDS, ENDS)
def test_the_answer_is_that_of_a_slow_reading(said: list[dict[str, Any]], source: End, target: End):
    policies = [policy_of(_row(number, one)) for number, one in enumerate(said)]
    found = reaches(policies, source, target).ports
    for protocol, port in product(("TCP", "UDP", "SCTP"), (1, 2, 3, 4)):
        told = any(one.protocol == protocol and one.low <= port <= one.high for one in found)
        assert told == _slow(said, source, target, protocol, port), (protocol, port)


def _slow(said: list[dict[str, Any]], source: End, target: End, protocol: str, port: int) -> bool:
    out = [one for one in said if "Egress" in one["types"] and _about(one, source)]
    into = [one for one in said if "Ingress" in one["types"] and _about(one, target)]
    leaves = not out or any(_lets(one, rule, target, protocol, port) for one in out for rule in one["egress"])
    return leaves and (
        not into or any(_lets(one, rule, source, protocol, port) for one in into for rule in one["ingress"])
    )


def _about(policy: dict[str, Any], end: End) -> bool:
    return not end.address and end.namespace == policy["namespace"] and _matches(policy["selector"], end.labels)


def _matches(selector: dict[str, Any], labels: Any) -> bool:
    for key, value in selector["labels"].items():
        if labels.get(key) != value:
            return False
    for one in selector["expressions"]:
        has, value = one["key"] in labels, labels.get(one["key"])
        by = {"In": has and value in one["values"], "NotIn": not has or value not in one["values"]}
        if not {**by, "Exists": has, "DoesNotExist": not has}.get(one["operator"], False):
            return False
    return True


def _lets(policy: dict[str, Any], rule: dict[str, Any], other: End, protocol: str, port: int) -> bool:
    peer = not rule["peers"] or any(_is(policy, one, other) for one in rule["peers"])
    numbers = {
        "1/TCP": {1},
        "http/TCP": {2},
        "other/TCP": set(),
        "2-3/TCP": {2, 3},
        "*/UDP": {1, 2, 3, 4},
        "3/UDP": {3},
    }
    ports = [one for one in rule["ports"] if one.endswith(protocol) and port in numbers[one]]
    return peer and (not rule["ports"] or bool(ports))


def _is(policy: dict[str, Any], peer: dict[str, Any], other: End) -> bool:
    if peer["of"] == "network":
        return other.address == "10.2.3.4"
    if other.address:
        return False
    if peer["of"] == "pods":
        return other.namespace == policy["namespace"] and _matches(peer["pods"], other.labels)
    near = _matches(peer["namespaces"], other.namespace_labels)
    return near and (peer["of"] == "namespaces" or _matches(peer["pods"], other.labels))


def test_without_a_policy_everything_is_open():
    found = reaches([], End(namespace="a"), End(namespace="b"))
    assert (found.answer, found.ports, found.ingress_by) == (Answer.ALL, EVERY_PORT, ())


def test_a_default_deny_lets_nobody_in_and_says_who():
    deny = policy_of(_row(0, {"namespace": "b", "types": ["Ingress"]}))
    found = reaches([deny], End(namespace="a"), End(namespace="b"))
    assert (found.answer, found.ingress_by, found.egress_by) == (Answer.NONE, ("b/p0",), ())


def test_ports_are_told_as_people_write_them():
    rule = {"ports": ["8080/TCP", "53/UDP", "9000-9010/TCP", "9011/TCP", "1/SCTP"]}
    some = policy_of(_row(0, {"namespace": "b", "types": ["Ingress"], "ingress": [rule]}))
    found = reaches([some], End(namespace="a"), End(namespace="b"))
    assert (found.answer, found.named_ports) == (Answer.SOME, "1/SCTP, 8080/TCP, 9000-9011/TCP, and 1 more")


def test_what_is_no_range_holds_nobody():
    rule = {"peers": [{"of": "network", "cidr": "anything"}]}
    odd = policy_of(_row(0, {"namespace": "b", "types": ["Ingress"], "ingress": [rule]}))
    assert reaches([odd], End(address="10.0.0.1"), End(namespace="b")).answer is Answer.NONE


def test_a_policy_that_is_not_known_as_a_whole_says_so():
    assert policy_of(_row(0, {"namespace": "b", "types": ["Ingress"], "ingress": [{"cut": 3}]})).cut
