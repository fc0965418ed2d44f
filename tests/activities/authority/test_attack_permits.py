"""Somebody who can forge every result of the engine's workflows makes nothing happen without a permit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from activities.authority.port import PlanStatement, RunStatement
from domain.approvals.request import EnvironmentRule, VerifiedIdentity
from domain.authority.permit import Claim, Effect
from domain.core.errors import RefusedError
from domain.pipelines.steps import Step
from domain.triggers.source import SourceRef
from tests.support.signers import JOBS, Signing, execution, release

BUILD, CHECK, OK, SHIP, TELL, AFTER = JOBS


@pytest.fixture
def signing() -> Signing:
    return Signing()


def opened(signing: Signing) -> Signing:
    """A run that a gate and a lead have opened the way for."""
    signing.begun()
    signing.judged()
    signing.decided()
    return signing


def code(signing: Signing, claim: Claim) -> str:
    try:
        signing.client.permit(claim)
    except RefusedError as refused:
        return refused.code
    return "permitted"


def test_what_the_plan_says_is_permitted(signing):
    opened(signing)

    assert code(signing, execution(replace(BUILD, env={"V": "x-anything-y"}))) == "permitted"
    assert code(signing, execution(AFTER)) == "permitted"
    permit = signing.client.permit(release()).permit
    assert (permit.approvers, permit.gates, permit.basis) == (("ada",), ("check",), "plan")


@pytest.mark.parametrize(
    "job",
    [
        replace(BUILD, steps=(Step("id"),)),
        replace(BUILD, id="other"),
        replace(BUILD, env={"V": "x-anything-z"}),
        replace(BUILD, secrets={"KEY": "file:/etc/shadow"}),
        replace(BUILD, executor="docker"),
        replace(BUILD, when="always()"),
        replace(TELL, steps=(Step("id"),)),
    ],
)
def test_a_job_that_is_not_the_planned_one_does_not_run(signing, job):
    assert code(opened(signing), execution(job)) == "SLW012"


def test_a_job_at_another_commit_does_not_run(signing):
    assert code(opened(signing), execution(BUILD, source=SourceRef("/repo", "d" * 40))) == "SLW012"


def test_a_run_that_the_engine_did_not_begin_runs_and_releases_nothing(signing):
    opened(signing)

    assert code(signing, execution(BUILD, run="run/shop/666")) == "SLW011"
    assert code(signing, release(run="run/shop/666", instance="r666")) == "SLW011"
    with pytest.raises(RefusedError) as refused:
        signing.client.begin(RunStatement(run="run/shop/666", pipeline="shop", plan=signing.plan()))
    assert refused.value.code == "SLW011"


def test_a_run_begins_with_the_plan_that_was_read_for_it_and_once(signing):
    opened(signing)
    other = signing.plan((replace(BUILD, steps=(Step("id"),)),))

    for run in ("run/shop/1", "run/shop/2"):
        with pytest.raises(RefusedError, match="plan") as refused:
            signing.client.begin(RunStatement(run=run, pipeline="shop", plan=other))
        assert refused.value.code == "SLW011"


def test_a_run_that_has_ended_starts_nothing_any_more(signing):
    opened(signing)
    signing.client.end("run/shop/1")

    assert code(signing, execution(BUILD)) == "SLW011"


@pytest.mark.parametrize("claim", [release(), execution(AFTER)])
def test_an_approval_that_nobody_signed_opens_nothing(signing, claim):
    signing.begun()
    signing.judged()

    assert code(signing, claim) == "SLW013"
    signing.decided()
    assert code(signing, claim) == "permitted"


@pytest.mark.parametrize(
    ("approver", "person"),
    [
        ("eve", VerifiedIdentity(True, ("leads",), (), True)),  # who wrote it
        ("bob", VerifiedIdentity(True, ("others",), (), True)),
        ("bob", VerifiedIdentity(True, ("leads",), (), False)),
        ("bob", VerifiedIdentity()),
    ],
)
def test_a_decision_of_somebody_who_may_not_decide_opens_nothing(signing, approver, person):
    signing.registry.people[approver] = person
    signing.begun()
    signing.judged()
    signing.decided(approver=approver)

    assert code(signing, release()) == "SLW013"


def test_a_rejection_counts_before_the_quorum(signing):
    signing.begun()
    signing.judged()
    signing.decided(approver="bob", approve=False)
    signing.decided(approver="ada")

    assert code(signing, release()) == "SLW013"


def test_a_decision_for_another_run_or_content_opens_nothing(signing):
    signing.begun()
    signing.judged()
    other = signing.decided(run="run/shop/7")
    signing.client.decision(
        replace(other, binding=replace(other.binding, workflow_id="approval/shop/1/ok", commit="e" * 40), signature="t")
    )

    assert code(signing, release()) == "SLW013"


def test_a_quorum_is_counted_by_people_not_by_decisions(signing):
    signing.registry.rules["prod"] = EnvironmentRule(name="prod", groups=("leads",), quorum=2)
    signing.begun()
    signing.judged()
    signing.decided()
    signing.decided(signature="again")

    assert code(signing, release()) == "SLW013"
    signing.decided(approver="cid")
    assert code(signing, release()) == "permitted"


def test_an_environment_that_was_tightened_after_the_approval_is_not_deployed_to(signing):
    opened(signing)
    signing.registry.rules["prod"] = EnvironmentRule(name="prod", groups=("leads",), quorum=1)

    assert code(signing, release()) == "SLW013"


def test_an_environment_that_protects_itself_is_not_deployed_to_past_its_approval(signing):
    signing.registry.rules["prod"] = EnvironmentRule(name="prod", groups=("leads",), quorum=1)
    jobs = (BUILD, replace(SHIP, needs=("build",)))
    signing.begun(jobs)

    assert code(signing, release(jobs[1])) == "SLW013"


@pytest.mark.parametrize("when", ["always()", "failure()", "success() || failure()"])
def test_a_condition_that_asks_for_no_result_still_needs_the_environments_approval(signing, when):
    signing.registry.rules["prod"] = EnvironmentRule(name="prod", groups=("leads",), quorum=1)
    ship = replace(SHIP, when=when)
    signing.begun((BUILD, CHECK, OK, ship))

    assert code(signing, release(ship)) == "SLW013"


def test_a_gate_that_nobody_judged_or_that_is_closed_opens_nothing(signing):
    signing.begun()
    signing.decided()
    assert code(signing, release()) == "SLW014"

    signing.judged(passed=False)
    assert code(signing, release()) == "SLW014"
    signing.judged(commit="f" * 40)
    assert code(signing, release()) == "SLW014"
    signing.judged()
    assert code(signing, release()) == "permitted"


def test_another_deployment_than_the_planned_one_is_refused(signing):
    opened(signing)
    assert SHIP.deploy is not None

    evil = replace(SHIP.deploy, command=("sh", "-c", "id"))
    assert code(signing, release(instance="r666", spec=evil)) == "SLW012"
    assert code(signing, release(env={"LD_PRELOAD": "evil.so"})) == "SLW012"
    assert code(signing, release(environment="test")) == "SLW012"
    assert code(signing, release(artifact="")) == "SLW012"


def test_an_artifact_that_nobody_approved_is_not_deployed(signing):
    assert code(opened(signing), release(artifact="d" * 64)) == "SLW015"


def test_a_job_releases_once_and_under_one_name(signing):
    opened(signing)

    assert code(signing, release()) == "permitted"
    assert code(signing, release(action="route")) == "permitted"
    assert code(signing, release(instance="r2")) == "SLW015"
    assert code(signing, replace(release(instance="r2"), attempt=2)) == "SLW015"
    assert code(signing, release(artifact="d" * 64)) == "SLW015"


def test_what_was_live_can_be_rolled_back_to_and_nothing_else(signing):
    opened(signing)
    by_hand = replace(release(instance="r9"), run="by hand", job="")
    signing.client.permit(release())
    assert code(signing, by_hand) == "SLW011"

    signing.client.permit(release(action="route"))
    assert code(signing, by_hand) == "permitted"
    assert code(signing, replace(release(instance="r10", env={"A": "b"}), run="by hand", job="")) == "SLW011"


def test_secrets_and_images_are_those_of_the_plan(signing):
    opened(signing)
    secret = Claim(effect=Effect.SECRET, subject="store:mail", what={}, run="run/shop/1", job="tell")

    assert code(signing, secret) == "permitted"
    assert code(signing, replace(secret, subject="store:root")) == "SLW012"
    assert code(signing, replace(secret, job="build")) == "SLW012"
    push = Claim(effect=Effect.PUBLISH, subject="registry/x:1", what={}, run="run/shop/1", job="build")
    assert code(signing, push) == "SLW012"


def test_a_plan_that_is_not_what_its_digest_says_is_not_believed(signing):
    plan = signing.plan()
    signing.blobs[plan] = signing.blobs[plan] + b" "

    with pytest.raises(RefusedError) as refused:
        signing.client.plan(PlanStatement(pipeline="shop", plan=plan))
    assert refused.value.code == "SLW011"


def test_every_refusal_is_in_the_log(signing):
    opened(signing)
    code(signing, release(artifact="d" * 64))

    last = list(signing.log.entries())[-1]
    assert (last.kind, last.body["code"], last.body["subject"]) == ("refusal", "SLW015", "prod/web/r1")


def test_a_restarted_signer_knows_what_it_knew(signing):
    opened(signing)
    signing.client.permit(release())
    signing.open()

    assert code(signing, release(action="route")) == "permitted"
    assert code(signing, release(instance="r2")) == "SLW015"
    assert code(signing, execution(AFTER)) == "permitted"


def test_only_statements_of_known_types_are_signed(signing):
    for data in (b"anything", b'{"_type": "x"}', b"DSSEv1 4 evil 2 {}", b"sluiceway/permit/v1\0{}"):
        with pytest.raises(RefusedError) as refused:
            signing.client.sign(data)
        assert refused.value.code == "SLW019"
