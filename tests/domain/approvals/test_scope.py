"""What a signature is bound to: pure values, with one text and one digest each."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.approvals import scope as bound
from domain.approvals.request import ApprovalSubject, Decision, EnvironmentRule, signed_text
from domain.approvals.scope import BoundDeployment, BoundJob, Scope
from domain.approvals.untrusted import as_binding, from_text
from domain.core.digests import digest, plain, sha256
from domain.jobs.result import JobResult, Status
from domain.pipelines.job import Job, JobKind
from domain.releases.deploy_spec import DeploySpec
from domain.releases.deployment import Deployment
from domain.runs import approval_scope
from domain.triggers.source import SourceRef

SUBJECT = ApprovalSubject(
    *("approval/web/1/ok", "nonce", "ok", "c" * 40, ("d1",), ("gate=passed",)),
    version=2,
    repository="/repo",
    environment="production",
    rule="r" * 64,
    scope="s" * 64,
)
DECISION = Decision(approver="ada", approve=True, comment="gut: ä😀", binding=SUBJECT, expires_at=1_790_000_000.0)
SHIP = Job("ship", JobKind.DEPLOY, "ship", needs=("ok",), deploy=DeploySpec(service="web", version="1", artifact="b.a"))
JOBS = [Job("b", JobKind.RUN, "b"), Job("ok", JobKind.APPROVAL, "ok", needs=("b",)), SHIP]


def browser(decision: Decision) -> bytes:
    """As JavaScript builds it: keys sorted, nothing between, whole seconds."""
    b = decision.binding
    subject = {name: getattr(b, name) for name in ("workflow_id", "nonce", "job", "commit", "version", "scope")}
    subject |= {"digests": sorted(b.digests), "verdicts": sorted(b.verdicts), "rule": b.rule}
    subject |= {"repository": b.repository, "environment": b.environment}
    said = {"approve": decision.approve, "approver": decision.approver, "comment": decision.comment}
    said |= {"expires_at": int(decision.expires_at), "subject": subject}
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return b"sluiceway/decision/v2\0" + text.encode()


def test_a_browser_can_build_the_text_of_version_2():
    assert signed_text(DECISION) == browser(DECISION)


def test_a_text_of_version_2_is_read_back_to_the_decision_that_it_is():
    assert from_text(signed_text(DECISION)) == DECISION
    with pytest.raises(ValueError, match="canonical"):
        from_text(signed_text(DECISION) + b" ")


@pytest.mark.parametrize("expires", [1.5, float("inf"), float("nan"), 2.0**60])
def test_a_time_that_is_no_whole_number_has_no_text(expires: float):
    with pytest.raises(ValueError, match=r"whole number|beyond"):
        signed_text(replace(DECISION, expires_at=expires))


@given(
    st.sampled_from(["nonce", "job", "commit", "repository", "environment", "rule", "scope", "workflow_id"]), st.text()
)
def test_each_field_of_the_subject_is_signed(name, value):
    other = replace(DECISION, binding=replace(SUBJECT, **{name: value}))
    try:
        text = signed_text(other)
    except ValueError:
        return  # half of a surrogate pair

    assert (text == signed_text(DECISION)) == (other == DECISION)


def test_a_request_of_version_1_has_the_text_that_it_always_had():
    old = replace(DECISION, binding=replace(SUBJECT, version=1))
    said = json.loads(signed_text(old))

    assert set(said) == {
        *("approve", "approver", "comment", "commit", "digests", "expires_at", "job", "nonce", "verdicts"),
        "workflow_id",
    }


def test_a_subject_survives_a_signal():
    assert as_binding(json.loads(json.dumps(plain(SUBJECT)))) == SUBJECT


# -- what is bound --------------------------------------------------------------------------------------------------


def test_everything_after_the_approval_is_bound_and_nothing_before_it():
    assert [one.id for one in approval_scope.bound_jobs(JOBS, "ok")] == ["ship"]
    assert [one.id for one in approval_scope.bound_jobs(JOBS, "b")] == ["ok", "ship"]


@given(st.sampled_from(["version", "command", "strategy", "service", "port", "rollout"]), st.integers(2, 9))
def test_any_change_of_a_job_changes_its_digest(name, value):
    assert SHIP.deploy is not None
    other = {"version": "2", "command": ("x",), "strategy": "canary", "service": "x", "port": value}
    other["rollout"] = replace(SHIP.deploy.rollout, keep_s=float(value))
    changed = replace(SHIP, deploy=replace(SHIP.deploy, **{name: other[name]}))

    assert digest(changed) != digest(SHIP)
    assert digest(replace(SHIP)) == digest(SHIP)


def test_what_is_written_as_another_kind_of_number_is_the_same_digest_and_a_fraction_is_kept():
    assert digest(Job("a", JobKind.RUN, run_timeout_s=60)) == digest(Job("a", JobKind.RUN, run_timeout_s=60.0))
    assert digest(Job("a", JobKind.RUN, cpu=0.1)) != digest(Job("a", JobKind.RUN, cpu=0.2))


def test_artifacts_are_bound_by_name_without_a_limit_and_what_people_decided_is_none():
    made = {f"a{number}": f"{number:064x}" for number in range(5_000)}
    ended = [
        (JOBS[0], JobResult(Status.PASSED, artifacts=made)),
        (JOBS[1], JobResult(Status.PASSED, artifacts={"x": "y"})),
    ]
    found = approval_scope.artifacts(ended)
    whole = bound.document(Scope(artifacts=found))

    assert len(found) == 5_000
    assert json.loads(whole)["artifacts"] == found
    assert sha256(bound.document(Scope(artifacts={**found, "b.a4999": "0" * 64}))) != sha256(whole)


def deployment(**changes):
    assert SHIP.deploy is not None
    content = changes.pop("content", "d" * 64)
    made = Deployment(service="web", environment="production", instance="r7", spec=replace(SHIP.deploy, **changes))
    return approval_scope.bound("ship", replace(made, source=SourceRef("/repo", "c" * 40), artifact=content))


GRANTED = Scope(job="ok", deployments=(deployment(),))


def test_exactly_what_was_approved_is_deployed_whatever_its_number():
    assert bound.uncovered([GRANTED], deployment()) == ""
    assert bound.uncovered([], deployment()) == ""


@pytest.mark.parametrize(
    ("now", "code", "word"),
    [
        (deployment(content="e" * 64), "SLW022", "artifact b.a"),
        (deployment(version="2"), "SLW022", "version"),
        (deployment(port="81"), "SLW022", "settings"),
        (replace(deployment(), job="other"), "SLW022", "none of the deployments"),
    ],
)
def test_anything_else_is_not(now: BoundDeployment, code: str, word: str):
    why = bound.uncovered([GRANTED], now)

    assert (why.startswith(code), word in why) == (True, True)


def test_one_approval_of_several_is_enough():
    assert bound.uncovered([Scope(job="early"), GRANTED], deployment()) == ""


def test_what_was_not_known_then_is_late():
    late = replace(GRANTED, deployments=(replace(deployment(), content="", digest="", late="not made yet"),))

    assert bound.uncovered([late], deployment()).startswith("SLW021")


def test_a_changed_plan_is_told_by_name():
    before = Scope(parameters={"size": "1"}, jobs=(BoundJob(id="ship", kind="deploy", digest="1"),))

    assert bound.changed(before, before) == ""
    now = replace(before, parameters={"size": "2"}, jobs=(BoundJob(id="ship", kind="deploy", digest="2"),))
    assert bound.changed(before, now) == "after it, parameter size, job ship changed since it was granted"
    assert "job new" in bound.changed(
        before, replace(before, jobs=(*before.jobs, BoundJob(id="new", kind="run", digest="3")))
    )


def test_any_change_of_a_rule_changes_its_digest():
    rule = EnvironmentRule(name="production", groups=("managers",), quorum=1)

    assert replace(rule).digest == rule.digest
    for other in (replace(rule, quorum=2), replace(rule, groups=()), replace(rule, max_expires_s=60.0)):
        assert other.digest != rule.digest
