"""Approvals that nobody can grant, by what they say alone and by who is registered."""

import pytest

from domain.approvals.feasible import Person, contradictions, unmet
from domain.approvals.spec import ApprovalSpec

LEAD, OPS, SAFE = Person("lead", ("ops",)), Person("op", ("ops",), ("oncall",)), Person("safe", ("security",))
EVERYBODY = (LEAD, OPS, SAFE)


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"users": ("lead",), "expires_s": 0}, ["expires"]),
        ({"users": ("lead",), "per_group": {"ops": 2}}, ["per-group"]),
        ({"users": ("lead", "lead"), "per_group": {"ops": 2}}, ["per-group"]),
        ({"users": ("lead",), "groups": ("ops",), "per_group": {"ops": 2}}, []),
        ({}, []),
    ],
)
def test_what_can_never_be_met_is_told_whoever_is_registered(spec, said):
    assert [key for key, _ in contradictions(ApprovalSpec(**spec))] == said


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"users": ("lead",)}, []),
        ({"groups": ("ops",), "quorum": 2}, []),
        ({"groups": ("ops",), "quorum": 3}, ["quorum"]),
        ({"users": ("lead",), "per_group": {"security": 1}}, ["per-group"]),
        ({"groups": ("ops", "security"), "per_group": {"ops": 2, "security": 1}, "quorum": 3}, []),
        ({"groups": ("nobody",)}, ["groups", "quorum"]),
        ({"roles": ("oncall",)}, []),
        ({"users": ("stranger",)}, ["users", "quorum"]),
        ({"quorum": 4}, ["quorum"]),
        ({}, []),
    ],
)
def test_what_todays_identities_cannot_meet_is_told(spec, said):
    assert [key for key, _ in unmet(ApprovalSpec(**spec), EVERYBODY)] == said


def test_where_nobody_is_registered_nothing_is_known() -> None:
    assert list(unmet(ApprovalSpec(users=("lead",)), ())) == []
