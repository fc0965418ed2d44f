"""Which run may have a secret: closed by default, and never a pull request from elsewhere."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.secrets import reference
from domain.secrets.rules import SecretRule, SecretUse, judge
from domain.triggers.events import EventKind, EventRef

TEXTS = st.sampled_from(["", "main", "shop", "/srv/shop.git", "production", "deploy", "*", "**", "!x", "[", "{a,b}"])
PATTERNS = st.lists(TEXTS, max_size=3).map(tuple)
USES = st.builds(
    SecretUse,
    run=TEXTS,
    pipeline=TEXTS,
    repo=TEXTS,
    event=st.builds(EventRef, st.sampled_from(EventKind), TEXTS, TEXTS, own_branch=st.booleans()),
    job=TEXTS,
    environment=TEXTS,
    approved=st.booleans(),
    by_hand=st.booleans(),
)
RULES = st.builds(
    SecretRule,
    secret=st.just("token"),
    pipelines=PATTERNS,
    repositories=PATTERNS,
    events=st.lists(st.sampled_from([*map(str, EventKind)]), max_size=3).map(tuple),
    branches=PATTERNS,
    tags=PATTERNS,
    environments=PATTERNS,
    jobs=PATTERNS,
    approval=st.booleans(),
    by_hand=st.booleans(),
)
MINE = SecretRule(secret="token", pipelines=("shop",), repositories=("/srv/shop.git",))
PUSH = SecretUse(pipeline="shop", repo="/srv/shop.git", event=EventRef(EventKind.PUSH, "main"), job="deploy")


@given(USES)
def test_without_a_rule_nobody_has_a_secret(use: SecretUse) -> None:
    assert not judge("token", use, []).allowed
    assert not judge("token", use, [replace(MINE, secret="other")]).allowed


@given(USES)
def test_a_rule_without_conditions_lets_nobody_in(use: SecretUse) -> None:
    assert not judge("token", use, [SecretRule(secret="token")]).allowed


@given(USES, st.lists(RULES, max_size=3))
def test_a_pull_request_from_elsewhere_never_has_a_secret(use: SecretUse, rules: list[SecretRule]) -> None:
    elsewhere = replace(use, by_hand=False, event=replace(use.event, kind=EventKind.PULL_REQUEST, own_branch=False))

    assert not judge("token", elsewhere, rules).allowed


@given(USES, RULES)
def test_each_condition_only_narrows(use: SecretUse, rule: SecretRule) -> None:
    """Whoever may have it by a rule may have it by the rule without a narrowing condition."""
    if judge("token", use, [rule]).allowed:
        assert judge("token", use, [replace(rule, environments=(), jobs=(), approval=False)]).allowed


@given(USES, RULES)
def test_an_approval_that_a_rule_asks_for_is_needed(use: SecretUse, rule: SecretRule) -> None:
    judged = judge("token", replace(use, approved=False, by_hand=False), [replace(rule, approval=True)])

    assert not judged.allowed


@given(RULES)
def test_nobody_is_not_let_in_by_any_rule(rule: SecretRule) -> None:
    assert not judge("token", SecretUse(), [rule]).allowed


def test_a_push_of_the_default_branch_has_it_by_the_default_rule() -> None:
    judged = judge("token", PUSH, [MINE])

    assert judged.rule == MINE
    assert not judged.reasons


OTHERS = {
    "pipeline is web": replace(PUSH, pipeline="web"),
    "repository is /srv/evil.git": replace(PUSH, repo="/srv/evil.git"),
    "repository is none": replace(PUSH, repo=""),
    "branch is feature": replace(PUSH, event=EventRef(EventKind.PUSH, "feature")),
    "tag is main": replace(PUSH, event=EventRef(EventKind.PUSH, "main", "main")),
    "event is schedule": replace(PUSH, event=EventRef(EventKind.SCHEDULE, "main")),
    "event is pull-request": replace(PUSH, event=EventRef(EventKind.PULL_REQUEST, "main", own_branch=True)),
    "pull request from elsewhere": replace(PUSH, event=EventRef(EventKind.PULL_REQUEST, "main")),
    "not for what is started by hand": replace(PUSH, by_hand=True),
}


@pytest.mark.parametrize(("why", "use"), OTHERS.items(), ids=OTHERS)
def test_every_other_use_is_told_which_point_does_not_fit(why: str, use: SecretUse) -> None:
    judged = judge("token", use, [MINE])

    assert not judged.allowed
    assert why in judged.reasons[0]


NARROWED = {
    "environment is none": replace(MINE, environments=("production",)),
    "job is deploy": replace(MINE, jobs=("publish",)),
    "not approved yet": replace(MINE, approval=True),
}


@pytest.mark.parametrize(("why", "rule"), NARROWED.items(), ids=NARROWED)
def test_a_narrower_rule_refuses_the_same_push(why: str, rule: SecretRule) -> None:
    assert why in judge("token", PUSH, [rule]).reasons[0]
    fits = replace(PUSH, environment="production", job="publish", approved=True)
    assert judge("token", fits, [rule]).allowed


def test_a_pull_request_of_a_branch_has_it_by_a_rule_that_says_so() -> None:
    own = replace(PUSH, event=EventRef(EventKind.PULL_REQUEST, "main", own_branch=True))

    assert judge("token", own, [replace(MINE, events=("pull-request",))]).allowed


def test_what_a_use_says_has_a_default_that_lets_nobody_in() -> None:
    """A field that is added later must not open what was closed."""
    assert {one.name for one in fields(SecretUse) if getattr(SecretUse(), one.name)} == {"event", "attempt"}


@pytest.mark.parametrize(
    "text", ["env:HOME", "file:/etc/shadow", "file:x", "", "../x", "a/b", "TOKEN", "a" * 64, "a\n"]
)
def test_what_is_no_name_of_a_secret_is_refused(text: str) -> None:
    assert reference.complaint(text)


@pytest.mark.parametrize(
    ("free", "secret"),
    [
        ("file:/home/ci/keys/deploy-token.txt", "deploy-token"),
        ("env:DEPLOY_TOKEN", "deploy-token"),
        ("file:", "unnamed"),
    ],
)
def test_the_refusal_of_a_free_reference_says_what_to_write(free: str, secret: str) -> None:
    assert f"sluiceway secret set {secret}`" in reference.hint(free)
