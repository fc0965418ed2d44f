"""The signer tells people apart as environments do: by the addresses that identities own, over all commits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from activities.authority.port import PlanStatement
from domain.approvals.request import (
    ApprovalSubject,
    ChangeAuthors,
    ChangeRef,
    Decision,
    EnvironmentRule,
    Trust,
    VerifiedIdentity,
)
from domain.approvals.spec import ApprovalSpec
from domain.authority.ledger import planned_run
from domain.core.documents import Node
from domain.core.errors import RefusedError
from tests.support.signers import JOBS, Signing, release

ADA = VerifiedIdentity(True, ("leads",), (), True, addresses=("ada@work.test",))
EVE = VerifiedIdentity(True, ("leads",), (), True, addresses=("eve@home.test", "bot@ci.test"))
READ = ChangeAuthors("Someone else", "x", "zoe", starter_from="hook", asked=True, authors=("eve@home.test",))


def code(people: ChangeAuthors, approver: str) -> str:
    signing = Signing()
    signing.registry.people.update(ada=ADA, eve=EVE, zoe=VerifiedIdentity(True, ("leads",), (), True, ("zoe",)))
    signing.registry.authors = lambda said, environment: people  # type: ignore[method-assign]
    signing.begun()
    signing.judged()
    signing.decided(approver=approver)
    try:
        signing.client.permit(release())
    except RefusedError as refused:
        return refused.code
    return "permitted"


@pytest.mark.parametrize(
    ("people", "approver"),
    [
        (READ, "eve"),  # whatever name stands in the last commit
        (replace(READ, authors=("ada@work.test",)), "ada"),
        (replace(READ, authors=("x@none.test",)), "ada"),  # an address that nobody owns
        (replace(READ, committers=("bot@ci.test",)), "eve"),
        (READ, "zoe"),  # who started it
        (replace(READ, starter_from="", authors=("ada@work.test",)), "ada"),
        (replace(READ, unknown="SLW065: too many commits"), "ada"),
    ],
)
def test_who_made_a_change_opens_no_way_for_it_under_any_name(people, approver):
    assert code(people, approver) == "SLW013"


def test_somebody_else_opens_it():
    assert code(READ, "ada") == "permitted"
    assert code(replace(READ, committers=("ada@work.test",), authors=("ada@work.test",)), "eve") == "permitted"


def test_where_the_commits_are_is_kept_with_the_plan():
    signing, change = Signing(), ChangeRef("/repo", "/repo", "c" * 40, "", "b" * 40)
    said = PlanStatement(pipeline="shop", plan=signing.plan(JOBS), people=ChangeAuthors(starter="zoe", change=change))
    signing.client.plan(said)

    (entry,) = [one for one in signing.log.entries() if one.kind == "plan"]
    assert planned_run(Node(entry.body)).people == said.people


def test_in_an_open_environment_a_result_that_nobody_decided_opens_nothing():
    signing = Signing()
    signing.registry.rules["prod"] = EnvironmentRule(name="prod", trust=Trust.OPEN)
    open_to_all = replace(JOBS[2], approval=ApprovalSpec(quorum=2))
    jobs = (*JOBS[:2], open_to_all, *JOBS[3:])
    signing.begun(jobs)
    signing.judged()

    def asked() -> str:
        try:
            return signing.client.permit(release(jobs[3])).permit.approvers[0]
        except RefusedError as refused:
            return refused.code

    def says(name: str, job: str = "ok", *, approve: bool = True) -> None:
        subject = ApprovalSubject(workflow_id=f"approval/shop/1/{job}")
        signing.client.decision(Decision(approver=name, approve=approve, binding=subject))

    assert asked() == "SLW013"
    says("ada")
    says("ada")
    says("bob", "other")
    says("eve")  # who wrote it
    assert asked() == "SLW013"
    says("bob")
    signing.registry.rules["prod"] = EnvironmentRule(name="prod")  # names alone are nothing there
    assert asked() == "SLW013"
    signing.registry.rules["prod"] = EnvironmentRule(name="prod", trust=Trust.OPEN)
    assert asked() == "ada"
