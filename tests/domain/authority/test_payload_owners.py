"""Whose right it takes to read what Temporal keeps of an execution."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.access.actions import Action
from domain.authority.payload_owners import question

KINDS = ("run", "release", "approval", "pipeline", "environment", "cluster", "pod", "queue", "scheduled", "audit", "x")
IDS = st.lists(st.sampled_from((*KINDS, "", "7", "a b", "-26-11-28T03:00:00Z")), max_size=7).map("/".join) | st.text()


@pytest.mark.parametrize(
    ("id_", "action", "resource", "above"),
    [
        ("run/web/7", "runs:read", "run:run/web/7", "pipeline:web"),
        ("run/web/7.2", "runs:read", "run:run/web/7.2", "pipeline:web"),
        ("release/shop/production/3", "releases:read", "release:release/shop/production/3", "environment:production"),
        ("approval/web/7/ok", "approvals:read", "run:run/web/7", "pipeline:web"),
        (
            "approval/release/shop/production/3/ok",
            "releases:read",
            "release:release/shop/production/3",
            "environment:production",
        ),
        ("pipeline/web", "runs:read", "pipeline:web", ""),
        ("scheduled/web", "runs:read", "pipeline:web", ""),
        ("scheduled/web-2026-11-28T03:00:00Z", "runs:read", "pipeline:web", ""),
        ("environment/production", "environments:read", "environment:production", ""),
        ("environment/production@eu-1", "environments:read", "environment:production", ""),
        (
            "release/shop/production@eu-1/3",
            "releases:read",
            "release:release/shop/production@eu-1/3",
            "environment:production",
        ),
        ("pod/kind/default/web/1", "clusters:read", "cluster:kind", ""),
        ("request/kind/3", "clusters:read", "cluster:kind", ""),
        ("approval/request/kind/3/change", "approvals:read", "cluster:kind", ""),
        ("queue/runs/main", "queues:read", "engine:engine", ""),
        ("audit", "audit:read", "engine:engine", ""),
        ("rescan-2026-11-28T03:00:00Z", "findings:read", "engine:engine", ""),
    ],
)
def test_it_is_the_right_to_read_what_the_execution_is_about(id_: str, action: str, resource: str, above: str) -> None:
    asked = question(id_)
    assert asked is not None
    assert (asked.action, asked.resource.id) == (action, resource)
    assert not above or above in asked.resource.above


@pytest.mark.parametrize(
    "id_", ["", "run", "run/", "run/web", "run//7", "run/web/7/x", "release/a/b", "probe/1", "runs/web/7"]
)
def test_what_is_no_execution_of_ours_is_read_by_nobody(id_: str) -> None:
    assert question(id_) is None


@given(IDS)
def test_whatever_its_id_only_a_right_to_read_is_asked_for(id_: str) -> None:
    asked = question(id_)
    assert asked is None or asked.action.endswith(":read")
    assert asked is None or asked.action is not Action.TEMPORAL_READ
