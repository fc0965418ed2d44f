"""Whose decision counts. Each row is a rule; together they are the table that the issue of approvals asks for."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.approvals import decisions as approval
from domain.approvals.request import (
    ApprovalSubject,
    ChangeAuthors,
    Decision,
    DecisionReason,
    DecisionRecord,
    EnvironmentRule,
    Outcome,
    Request,
    Trust,
    VerifiedIdentity,
    signed_text,
)
from domain.approvals.spec import ApprovalSpec
from domain.approvals.untrusted import CARRIED, as_decision, carried

BOUND = ApprovalSubject("approval/web/1/ok", "nonce-1", "ok", "c" * 40, ("d1", "d2"), ("gate=passed",))
PEOPLE = ChangeAuthors("author <author@example.org>", "committer@example.org", "starter")
SPEC = ApprovalSpec(groups=("managers",), quorum=2, expires_s=100)
ASKED = Request(spec=SPEC, binding=BOUND, people=PEOPLE, opened_at=1000)
SIGNED = Decision(approver="one", approve=True, comment="", binding=BOUND, expires_at=1090, signature="signature")
GOOD = VerifiedIdentity(True, ("managers",), (), True)


def other(**changes):
    return replace(SIGNED, binding=replace(BOUND, **changes))


ROWS: dict[str, tuple[Decision, VerifiedIdentity, dict[str, Any], DecisionReason]] = {
    "a signed decision of a member counts": (SIGNED, GOOD, {}, DecisionReason.COUNTED),
    "a rejection counts too": (replace(SIGNED, approve=False), GOOD, {}, DecisionReason.COUNTED),
    "no name": (replace(SIGNED, approver=""), GOOD, {}, DecisionReason.MALFORMED),
    "no signature": (replace(SIGNED, signature=""), GOOD, {}, DecisionReason.UNSIGNED),
    "no signature, claimed in the name of a member": (replace(SIGNED, signature=""), VerifiedIdentity(), {}, DecisionReason.UNSIGNED),
    "no signature, but the environment is open": (
        replace(SIGNED, signature=""), VerifiedIdentity(False, ("managers",)), {"trust": Trust.OPEN}, DecisionReason.COUNTED),
    "open trust does not let strangers in": (
        replace(SIGNED, signature=""), VerifiedIdentity(), {"trust": Trust.OPEN}, DecisionReason.NOT_ALLOWED),
    "an identity that nobody registered": (SIGNED, VerifiedIdentity(), {}, DecisionReason.UNKNOWN),
    "a forged signature": (SIGNED, replace(GOOD, signature_valid=False), {}, DecisionReason.FORGED),
    "a forged signature in an open environment": (
        SIGNED, replace(GOOD, signature_valid=False), {"trust": Trust.OPEN}, DecisionReason.FORGED),
    "for another run": (other(workflow_id="approval/web/2/ok"), GOOD, {}, DecisionReason.OTHER),
    "replayed from an attempt before": (other(nonce="nonce-0"), GOOD, {}, DecisionReason.OTHER),
    "for another job": (other(job="other"), GOOD, {}, DecisionReason.OTHER),
    "for another commit": (other(commit="e" * 40), GOOD, {}, DecisionReason.OTHER),
    "for other artifacts": (other(digests=("d1", "d3")), GOOD, {}, DecisionReason.OTHER),
    "for fewer artifacts": (other(digests=("d1",)), GOOD, {}, DecisionReason.OTHER),
    "for other verdicts": (other(verdicts=("gate=failed",)), GOOD, {}, DecisionReason.OTHER),
    "the order of digests says nothing": (other(digests=("d2", "d1")), GOOD, {}, DecisionReason.COUNTED),
    "a signature whose time has run out": (replace(SIGNED, expires_at=1001), GOOD, {}, DecisionReason.STALE),
    "a signature without a time": (replace(SIGNED, expires_at=0), GOOD, {}, DecisionReason.STALE),
    "a member of no group": (SIGNED, replace(GOOD, groups=()), {}, DecisionReason.NOT_ALLOWED),
    "a member of another group": (SIGNED, replace(GOOD, groups=("guests",)), {}, DecisionReason.NOT_ALLOWED),
    "a user by name": (SIGNED, replace(GOOD, groups=()), {"spec": replace(SPEC, users=("one",))}, DecisionReason.COUNTED),
    "a holder of a role": (
        SIGNED, replace(GOOD, groups=(), roles=("lead",)), {"spec": replace(SPEC, roles=("lead",))}, DecisionReason.COUNTED),
    "nobody is named, so anybody known may": (
        SIGNED, replace(GOOD, groups=()), {"spec": ApprovalSpec(expires_s=100)}, DecisionReason.COUNTED),
    "the pipeline names them, the environment does not": (SIGNED, GOOD, {"must_groups": ("security",)}, DecisionReason.NOT_ALLOWED),
    "both name them": (
        SIGNED, replace(GOOD, groups=("managers", "security")), {"must_groups": ("security",)}, DecisionReason.COUNTED),
    "the author": (replace(SIGNED, approver="author"), GOOD, {}, DecisionReason.AUTHOR),
    "the author, in other letters": (replace(SIGNED, approver="AUTHOR"), GOOD, {}, DecisionReason.AUTHOR),
    "the author, by address": (replace(SIGNED, approver="author@example.org"), GOOD, {}, DecisionReason.AUTHOR),
    "the committer": (replace(SIGNED, approver="committer"), GOOD, {}, DecisionReason.COMMITTER),
    "the starter": (replace(SIGNED, approver="starter"), GOOD, {}, DecisionReason.STARTER),
    "the author, where that is allowed": (
        replace(SIGNED, approver="author"), GOOD, {"spec": replace(SPEC, allow_author=True)}, DecisionReason.COUNTED),
    "too late": (SIGNED, GOOD, {"now": 1100}, DecisionReason.EXPIRED),
    "just in time": (SIGNED, GOOD, {"now": 1089}, DecisionReason.COUNTED),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_the_rule_of_each_decision(name):
    decision, checked, more, expected = ROWS[name]
    now = more.get("now", 1010)
    asked = replace(ASKED, **{key: value for key, value in more.items() if key != "now"})

    assert approval.evaluate_decision(asked, decision, checked, (), now) is expected


def record(who, approve=True, rule=DecisionReason.COUNTED, groups=("managers",)):
    return DecisionRecord(replace(SIGNED, approver=who, approve=approve), 1005, rule, "update", groups)


def test_who_has_decided_cannot_decide_again() -> None:
    assert approval.evaluate_decision(ASKED, SIGNED, GOOD, (record("one"),), 1010) is DecisionReason.REPEATED


@pytest.mark.parametrize("records", [(record("a", False),), (record("a"), record("b"))])
def test_what_is_decided_stays_decided(records):
    assert approval.evaluate_decision(ASKED, SIGNED, GOOD, records, 1010) is DecisionReason.CLOSED


def test_quorum_grants_and_one_rejection_refuses() -> None:
    assert approval.outcome(ASKED, (record("a"),), 1010) is Outcome.PENDING
    assert approval.outcome(ASKED, (record("a"), record("b")), 1010) is Outcome.GRANTED
    assert approval.outcome(ASKED, (record("a"), record("b", False)), 1010) is Outcome.REFUSED


def test_a_group_quorum_must_be_reached_as_well() -> None:
    asked = replace(ASKED, spec=replace(SPEC, per_group={"security": 1}))

    assert approval.outcome(asked, (record("a"), record("b")), 1010) is Outcome.PENDING
    assert approval.missing(asked.spec, [record("a"), record("b")]) == "1 from group security"
    assert approval.outcome(asked, (record("a"), record("b", groups=("security",))), 1010) is Outcome.GRANTED


def test_time_refuses_what_is_still_open() -> None:
    assert approval.outcome(ASKED, (record("a"),), 1100) is Outcome.EXPIRED


def test_refused_decisions_do_not_count() -> None:
    refused = tuple(
        record(str(n), rule=rule) for n, rule in enumerate(DecisionReason) if rule is not DecisionReason.COUNTED
    )

    assert approval.outcome(ASKED, refused, 1010) is Outcome.PENDING


specs = st.builds(
    ApprovalSpec,
    groups=st.sampled_from([(), ("a",), ("a", "b")]),
    quorum=st.integers(1, 4),
    per_group=st.dictionaries(st.sampled_from("ab"), st.integers(1, 3)),
    expires_s=st.floats(1, 1e6),
    allow_author=st.booleans(),
    allow_committer=st.booleans(),
    allow_starter=st.booleans(),
)
rules = st.builds(
    EnvironmentRule,
    quorum=st.integers(0, 4),
    per_group=st.dictionaries(st.sampled_from("ab"), st.integers(1, 3)),
    max_expires_s=st.sampled_from([0, 50, 5e5]),
    allow_author=st.booleans(),
    allow_committer=st.booleans(),
    allow_starter=st.booleans(),
)


@given(specs, rules)
def test_an_environment_only_ever_tightens(spec, rule):
    tight = approval.effective_policy(spec, rule)

    assert tight.quorum >= max(spec.quorum, rule.quorum)
    assert all(tight.per_group[group] >= n for group, n in {**spec.per_group}.items())
    assert all(tight.per_group[group] >= n for group, n in rule.per_group.items())
    assert tight.expires_s <= spec.expires_s
    for who in ("allow_author", "allow_committer", "allow_starter"):
        assert getattr(tight, who) == (getattr(spec, who) and getattr(rule, who))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda v: st.lists(v) | st.dictionaries(st.text(), v),
)


@given(
    st.dictionaries(st.sampled_from(["approver", "approve", "binding", "expires_at", "signature", "x"]), json_values)
)
def test_whatever_a_signal_brings_becomes_a_decision_that_does_not_count(raw):
    decision = as_decision(raw)

    assert approval.evaluate_decision(ASKED, decision, VerifiedIdentity(), (), 1010) is not DecisionReason.COUNTED


@given(
    st.sampled_from(["one", ""]),
    st.sampled_from(["", "signed"]),
    st.sampled_from([BOUND, replace(BOUND, nonce="other"), replace(BOUND, rule="older")]),
    st.floats(900, 3_000),
    st.sampled_from([Trust.SIGNED, Trust.OPEN]),
)
def test_what_is_refused_unseen_would_count_for_nobody(who, signature, binding, now, trust):
    decision = replace(SIGNED, approver=who, signature=signature, binding=binding)
    asked = replace(ASKED, trust=trust)
    everything = VerifiedIdentity(known=True, signature_valid=True, groups=("managers",))
    rule = approval.evaluate_decision(asked, decision, everything, (), now)

    assert approval.refused_unseen(asked, decision, (), now) in (None, rule)
    assert approval.refused_unseen(asked, decision, (), now) is None or rule is not DecisionReason.COUNTED


@given(st.text(), st.text(), st.booleans())
def test_any_change_of_a_decision_changes_what_is_signed(comment, nonce, approve):
    changed = replace(SIGNED, comment=comment, approve=approve, binding=replace(BOUND, nonce=nonce))

    assert (signed_text(changed) == signed_text(SIGNED)) == (changed == SIGNED)


@given(rules, st.sets(st.sampled_from(["production", "staging"])))
def test_leaving_the_approval_out_never_gets_around_an_environment(rule, approved):
    named = replace(rule, name="production")
    asks = bool(rule.quorum or rule.per_group)

    assert bool(approval.protection(named, approved)) == (asks and "production" not in approved)


@given(
    st.lists(st.sampled_from([DecisionReason.COUNTED, DecisionReason.MALFORMED, DecisionReason.FORGED]), max_size=300)
)
def test_what_counts_is_carried_over_a_continue_as_new_and_the_rest_stays_small(rules):
    binding = ApprovalSubject("approval/x", "n", digests=("d",) * 200)
    found = [
        DecisionRecord(Decision(approver=f"p{i}", approve=True, binding=binding), i, rule, "signal")
        for i, rule in enumerate(rules)
    ]
    kept = carried(found)

    assert [one for one in kept if one.rule is DecisionReason.COUNTED] == [
        one for one in found if one.rule is DecisionReason.COUNTED
    ]
    others = [one for one in kept if one.rule is not DecisionReason.COUNTED]
    assert len(others) <= CARRIED
    assert all(one.decision.binding == ApprovalSubject() for one in others)
    assert [one.at for one in kept] == sorted(one.at for one in kept)
