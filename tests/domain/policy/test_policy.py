"""Rules of several policies join to the strictest of all, in whatever order they are taken."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from domain.policy.policy import (
    Isolation,
    Network,
    Policy,
    PolicyFor,
    Push,
    Rules,
    Scope,
    SecretGrant,
    SuppressionRule,
    lets_in,
    policy_for,
)
from domain.scans.findings.model import Severity
from domain.scans.least_gate import KINDS, WHOLE, LeastGate
from domain.scans.spec import ALL_CLASSES, Always
from domain.triggers.events import EventKind
from domain.triggers.repository_name import repository_name

PUSH = Push(repository="/srv/git/shop", pipeline="shop", event=EventKind.PUSH, branch="main")
WORDS = st.sampled_from(["main", "x/**", "!main", "tags/v*", "a"])
PATTERNS = st.lists(WORDS, max_size=2).map(tuple)
LISTS = st.frozensets(PATTERNS, max_size=2)
SETS = st.none() | st.frozensets(WORDS, max_size=3)
GATES = st.builds(
    LeastGate,
    fail_on=st.sampled_from(Severity),
    kinds=st.frozensets(st.sampled_from(sorted(KINDS)), min_size=1),
    unknown_as=st.sampled_from(Severity),
    tools=st.frozensets(st.sampled_from(["trivy", "bandit"])),
    exclude=st.frozensets(WORDS, max_size=2),
    paths=st.frozensets(WORDS, max_size=2).map(lambda paths: paths | {WHOLE}),
    new_only=st.booleans(),
    always=st.builds(Always, kinds=st.sampled_from([(), ("sast",)]), rules=st.sampled_from([(), ("a", "b")])),
    classes=st.frozensets(st.sampled_from(ALL_CLASSES)),
    skipped_block=st.booleans(),
    max_db_age_s=st.sampled_from([0, 60, 3_600]),
    required=st.booleans(),
)
RULES = st.builds(
    Rules,
    repositories=LISTS,
    refs=LISTS,
    executors=SETS,
    isolation=st.sampled_from(Isolation),
    network=st.sampled_from(Network),
    hosts=SETS,
    secrets=st.frozensets(st.frozensets(st.builds(SecretGrant, names=PATTERNS), max_size=2), max_size=2),
    gate=st.none() | GATES,
    suppressions=st.none()
    | st.builds(SuppressionRule, groups=st.frozensets(st.frozensets(WORDS, min_size=1)), unsigned=st.booleans()),
    uses=LISTS,
)


@given(RULES, RULES, RULES)
def test_the_join_is_associative_commutative_and_idempotent(one: Rules, two: Rules, three: Rules) -> None:
    assert one.joined(two).joined(three) == one.joined(two.joined(three))
    assert one.joined(two) == two.joined(one)
    assert one.joined(one) == one
    assert one.joined(Rules()) == one


@given(RULES, RULES, WORDS)
def test_what_the_join_lets_in_each_of_them_lets_in(one: Rules, two: Rules, text: str) -> None:
    both = one.joined(two)
    for field in ("repositories", "refs", "uses"):
        joined, alone = getattr(both, field), (getattr(one, field), getattr(two, field))
        assert lets_in(joined, text) == all(lets_in(lists, text) for lists in alone)


@given(GATES, GATES)
def test_a_joined_gate_is_at_least_as_strict_as_each(one: LeastGate, two: LeastGate) -> None:
    both = one.joined(two)
    assert both.fail_on.rank <= min(one.fail_on.rank, two.fail_on.rank)
    assert both.kinds >= one.kinds | two.kinds
    assert both.classes >= one.classes | two.classes
    assert {*both.always.rules} >= {*one.always.rules, *two.always.rules}
    assert both.tools >= one.tools | two.tools
    assert both.exclude <= one.exclude & two.exclude


def named(name: str, scope: Scope, rules: Rules) -> Policy:
    return Policy(name=name, digest="0" * 64, scope=scope, rules=rules)


def test_only_policies_whose_scope_holds_are_joined() -> None:
    here = named("here", Scope(repositories=("/srv/git/*",)), Rules(executors=frozenset({"docker"})))
    there = named("there", Scope(repositories=("/other/*",)), Rules(executors=frozenset()))
    assert policy_for(PUSH, [there, here]).policies == (here,)
    assert policy_for(PUSH, [there, here]).rules.executors == frozenset({"docker"})


def test_a_tag_and_a_run_without_a_branch_do_not_leave_the_policy_of_a_branch() -> None:
    scope = Scope(branches=("main",))
    for push in (
        Push(repository="/r", pipeline="p", event=EventKind.PUSH, tag="v1"),
        Push(repository="/r", pipeline="p", event=EventKind.MANUAL),
    ):
        assert scope.holds(push)
    assert not scope.holds(Push(repository="/r", pipeline="p", event=EventKind.PUSH, branch="work"))


def test_a_policy_narrows_who_may_have_a_secret_and_a_pull_request_from_elsewhere_has_none() -> None:
    pull = Push(repository="/r", pipeline="p", event=EventKind.PULL_REQUEST, branch="main")
    fork = Push(repository="/r", pipeline="p", event=EventKind.PULL_REQUEST, branch="main", elsewhere=True)
    grant = SecretGrant(names=("TEST_*",), events=frozenset({EventKind.PULL_REQUEST}))
    policy = named("tests", Scope(), Rules(secrets=frozenset({frozenset({grant})})))
    assert PolicyFor(pull, (policy,)).secret("TEST_KEY") == ""
    assert "tests does not grant" in PolicyFor(pull, (policy,)).secret("PROD_KEY")
    assert "another repository" in PolicyFor(fork, (policy,)).secret("TEST_KEY")
    assert PolicyFor(PUSH).secret("PROD_KEY") == ""


def test_every_spelling_of_an_address_is_one_repository() -> None:
    for text in ("/srv/git/shop.git", "/srv/git/x/../shop.git/", "file:///srv/git/shop", "//srv//git/./shop/.git"):
        assert repository_name(text) == "/srv/git/shop"
    for text in ("https://u:p@Git.Example/a/b.git", "ssh://git@git.example:2222/a/b", "git@git.example:a/b.git"):
        assert repository_name(text) == "git.example/a/b"
