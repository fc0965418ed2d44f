"""Approvals between the steps of a release over many clusters: one of the whole opens its parts, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.approvals.request import ApprovalSubject, ChangeAuthors, Decision, EnvironmentRule, VerifiedIdentity
from domain.approvals.scope import Scope
from domain.authority.evidence import Chain, Known
from domain.authority.step_evidence import steps_missing
from domain.releases.deploy_spec import DeploySpec
from domain.releases.deployment import Deployment
from domain.releases.spec import ApprovalStep
from domain.runs.approval_scope import bound

WHOLE, PART = "release/web/prod/7", "release/web/prod@eu-1/9"
RULE = EnvironmentRule(name="prod", kubernetes='{"clusters": "eu-1"}')
STEP = ApprovalStep(before_percent=100, users=("ada",))
NEW = Deployment(service="web", environment="prod", cluster="eu-1", instance="r9", spec=DeploySpec(version="2"))
SCOPE = Scope(run="run/shop/1", deployments=(bound("promotion", NEW),))
YES = Decision(
    approver="ada",
    approve=True,
    binding=ApprovalSubject(commit="c", rule=RULE.digest, scope="s", version=2, environment="prod"),
)


def missing(
    asked: str = WHOLE, step: ApprovalStep = STEP, said: Decision = YES, scope: Scope = SCOPE, new: Deployment = NEW
) -> str:
    known = Known(
        decisions=lambda id_: [said] if id_ == f"approval/{asked}/promotion" else [],
        claimed=lambda id_: [],
        verdicts=lambda run, job: None,
        identity=lambda decision: VerifiedIdentity(True, (), (), True, addresses=("ada@work.test",)),
        unowned=lambda addresses: (),
        rule=lambda name: RULE,
        rule_then=lambda digest: None,
        scope=lambda digest: scope,
    )
    chain = Chain("run/shop/1", "c", "c", lambda environment: ChangeAuthors(), {"run/shop/1": ()})
    return steps_missing(PART, new, [step], chain, known, WHOLE)


def test_what_was_approved_for_the_whole_is_approved_for_a_part() -> None:
    assert missing() == ""
    assert missing(asked=PART) == ""


def test_a_release_s_own_approval_counts_in_its_own_run_alone_under_whatever_number() -> None:
    assert "another run" in missing(asked=PART, scope=replace(SCOPE, run="run/shop/2"))
    assert missing(asked=PART, scope=replace(SCOPE, run="")) == ""  # as an earlier engine asked for it


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"scope": replace(SCOPE, run="run/shop/2")}, "another run"),
        ({"scope": replace(SCOPE, run="")}, "another run"),
        ({"scope": replace(SCOPE, deployments=())}, "another deployment"),
        ({"new": replace(NEW, spec=DeploySpec(version="3"))}, "another deployment"),
        ({"said": replace(YES, binding=replace(YES.binding, rule="old"))}, "have changed since"),
        ({"said": replace(YES, approve=False)}, "has rejected it"),
        ({"said": replace(YES, approver="eve")}, "eve"),
        ({"step": replace(STEP, in_each_cluster=True)}, "nobody has signed"),
        ({"asked": "release/web/prod/6"}, "nobody has signed"),
    ],
)
def test_no_other_approval_opens_a_part(changed: dict[str, object], why: str) -> None:
    assert why in missing(**changed)  # type: ignore[arg-type]


def test_what_was_approved_for_several_services_is_approved_for_each_of_them() -> None:
    other = replace(NEW, service="api")
    both = replace(SCOPE, deployments=(bound("promotion", other), bound("promotion", NEW)))
    assert missing(scope=both) == missing(scope=both, new=other) == ""
    assert "another deployment" in missing(scope=both, new=replace(NEW, service="db"))
