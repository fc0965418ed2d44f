"""A key that a browser stores decides only where the environment says so, now and when decisions are counted again."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from domain.access.keys import KeyKind
from domain.approvals.decisions import evaluate_decision, of_person, recheck, revalidate
from domain.approvals.opening import Opening, why_not
from domain.approvals.request import (
    ApprovalSubject,
    ChangeAuthors,
    Decision,
    DecisionReason,
    DecisionRecord,
    EnvironmentRule,
    Keys,
    Proof,
    Request,
    VerifiedIdentity,
)
from domain.approvals.spec import ApprovalSpec

SUBJECT = ApprovalSubject("approval/web/1/ok", "n", "ok", version=2)
SPEC = ApprovalSpec(groups=("leads",))
PEOPLE = ChangeAuthors("eve", "eve", "eve")
DECISION = Decision(approver="ann", approve=True, binding=SUBJECT, expires_at=50, signature="s")
kinds, proofs = st.sampled_from(["", *KeyKind]), st.sampled_from(Proof)


def ann(kind: str) -> VerifiedIdentity:
    return VerifiedIdentity(True, ("leads",), (), True, key_kind=kind)


@given(st.booleans(), st.sampled_from(Keys), kinds)
def test_an_unconfirmed_key_counts_where_the_environment_accepts_any(confirmed: bool, keys: Keys, kind: str) -> None:
    request = Request(spec=SPEC, binding=SUBJECT, people=PEOPLE, opened_at=0, proof=Proof.ANY, keys=keys)
    who = replace(ann(kind), confirmed=confirmed)
    counts = DecisionReason.COUNTED if confirmed or keys is Keys.ANY else DecisionReason.UNCONFIRMED
    record = DecisionRecord(DECISION, 10, DecisionReason.COUNTED, "update", ("leads",))

    assert evaluate_decision(request, DECISION, who, (), 10) is counts
    assert of_person(request, "ann", who) is counts
    assert recheck(request, record, who).rule is counts
    environment = EnvironmentRule(name="prod", proof=Proof.ANY, keys=keys)
    assert (revalidate(SPEC, environment, (record,), PEOPLE, {"ann": who}) == "") is (counts is DecisionReason.COUNTED)
    assert replace(environment, name="").keys_wanted is Keys.ANY
    assert replace(environment, keys=Keys.CONFIRMED).digest == EnvironmentRule(name="prod", proof=Proof.ANY).digest


@given(kinds, proofs)
def test_a_browsers_key_counts_where_the_environment_accepts_any(kind: str, proof: Proof) -> None:
    request = Request(spec=SPEC, binding=SUBJECT, people=PEOPLE, opened_at=0, proof=proof)
    accepted = kind != KeyKind.BROWSER or proof is Proof.ANY
    rule = evaluate_decision(request, DECISION, ann(kind), (), 10)
    record = DecisionRecord(DECISION, 10, DecisionReason.COUNTED, "update", ("leads",))

    assert rule is (DecisionReason.COUNTED if accepted else DecisionReason.BROWSER_KEY)
    assert recheck(request, record, ann(kind)).rule is rule
    environment = EnvironmentRule(name="prod", proof=proof)
    assert (revalidate(SPEC, environment, (record,), PEOPLE, {"ann": ann(kind)}) == "") is accepted


def test_a_rule_of_before_has_its_digest_still() -> None:
    rule = EnvironmentRule(name="prod", groups=("leads",))
    assert replace(rule, proof=Proof.PASSKEY).digest == rule.digest
    assert replace(rule, proof=Proof.ANY).digest != rule.digest


@given(st.booleans(), st.booleans(), st.booleans())
def test_an_inbox_says_of_a_person_what_their_decision_would_be_told(
    registered: bool, lead: bool, made_it: bool
) -> None:
    opening = Opening(run="run/web/1", job="ok", pipeline="web", spec=SPEC, at=0)
    people = replace(PEOPLE, author="ann") if made_it else PEOPLE
    request = opening.request(EnvironmentRule(allow_author=False), people)
    who = VerifiedIdentity(registered, ("leads",) if lead else (), (), registered)
    told = why_not(request, "ann", who)
    rule = evaluate_decision(replace(request, binding=SUBJECT), DECISION, who, (), 10)

    assert told == ("" if rule is DecisionReason.COUNTED else str(rule))
    assert why_not(request, "ann", who, {"ann": True}) == (str(DecisionReason.REPEATED) if registered else told)
