"""Whose rights the effects of a run need."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.access.actions import EFFECTS
from domain.access.principal import OWNER, PrincipalKind
from domain.access.resource import ResourceKind
from domain.approvals.request import ChangeAuthors
from domain.authority.initiators import ACTIONS, initiator, question, takes_back
from domain.authority.ledger import PlannedRun
from domain.authority.permit import Claim, Effect
from domain.triggers.events import EventSource

NAMES = st.text(max_size=12)


def claim(effect: Effect, action: str = "", share: int = 0) -> Claim:
    return Claim(effect=effect, subject="production/web/r7", what={}, run="run/web/7", action=action, share=share)


@given(NAMES, NAMES, st.sampled_from(["", *EventSource, "odd"]))
def test_a_name_that_only_an_event_claims_has_no_persons_rights(starter: str, repository: str, source: str) -> None:
    who = initiator(starter, source, repository)
    known = source in (EventSource.SSH, EventSource.SERVER) and starter
    assert (who.kind is PrincipalKind.PERSON) <= bool(known)
    assert (who == OWNER) == (source == EventSource.SYSTEM)
    assert who.name


@pytest.mark.parametrize(
    ("starter", "source", "expected"),
    [
        ("ann", EventSource.SERVER, "person:ann"),
        ("ann", EventSource.SSH, "person:ann"),
        ("token:7", EventSource.SERVER, "token:7"),
        ("workload:https://ci.example#repo", EventSource.SERVER, "workload:https://ci.example#repo"),
        ("owner:owner", EventSource.SERVER, "repository:/srv/shop"),
        ("person:ann", EventSource.SERVER, "repository:/srv/shop"),
        ("root@localhost", EventSource.SYSTEM, "owner:owner"),
        ("ann", "", "repository:/srv/shop"),
    ],
)
def test_the_channel_says_whose_rights_a_run_has(starter: str, source: str, expected: str) -> None:
    assert initiator(starter, source, "/srv/shop.git/").id == expected


def test_each_effect_is_asked_about_what_it_changes() -> None:
    assert set(ACTIONS) == set(Effect)
    assert set(ACTIONS.values()) == EFFECTS
    run = PlannedRun(pipeline="web", plan="p", repo="/srv/shop", people=ChangeAuthors("", "", "ann"), fork=True)
    kinds = {
        Effect.DEPLOY: ResourceKind.ENVIRONMENT,
        Effect.SECRET: ResourceKind.SECRET,
        Effect.CLUSTER: ResourceKind.CLUSTER,
        Effect.EXEC: ResourceKind.RUN,
        Effect.PUBLISH: ResourceKind.RUN,
    }
    for effect, kind in kinds.items():
        asked = question(claim(effect), run, "production")
        assert (asked.resource.kind, asked.run.integrity, asked.run.pipeline) == (kind, 0, "web")
    assert question(claim(Effect.DEPLOY), run, "").resource.name == "production"


@pytest.mark.parametrize(
    ("what", "was_live", "back"),
    [
        (claim(Effect.DEPLOY, "start"), False, False),
        (claim(Effect.DEPLOY, "shift", 500), False, False),
        (claim(Effect.DEPLOY, "route", 10_000), False, False),
        (claim(Effect.DEPLOY, "shift"), False, True),
        (claim(Effect.DEPLOY, "stop"), False, True),
        (claim(Effect.DEPLOY, "route", 10_000), True, True),
        (claim(Effect.CLUSTER, "undo create"), False, True),
        (claim(Effect.CLUSTER, "create"), True, False),
        (claim(Effect.EXEC), True, False),
        (claim(Effect.SECRET), True, False),
    ],
)
def test_lost_rights_stop_what_goes_on_and_never_the_way_back(what: Claim, was_live: bool, back: bool) -> None:
    assert takes_back(what, was_live=was_live) is back
