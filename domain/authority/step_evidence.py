"""Approvals beside the way of a job: between the steps of a release, and to pass its windows."""

from __future__ import annotations

from collections.abc import Sequence

from domain.approvals.request import (
    ApprovalSubject,
    EnvironmentRule,
    Trust,
)
from domain.approvals.scope import Scope
from domain.approvals.spec import ApprovalSpec
from domain.authority import evidence
from domain.authority.evidence import Chain, Known
from domain.core import ids
from domain.releases.deployment import Deployment
from domain.releases.spec import ApprovalStep
from domain.runs.approval_scope import bound


def override_missing(asked: Sequence[str], environment: str, chain: Chain, known: Known) -> str:
    """Why no approval of these ids lets a release pass its windows; empty: one does."""
    rule, why = known.rule(environment), "nobody has signed a decision for it"
    if rule.trust is Trust.OPEN:
        return evidence.openly(chain, ApprovalSpec(), rule, asked, known)[0]
    for subject in (one for id_ in asked for one in evidence.subjects(known.decisions(id_))):
        why = evidence.suffices(chain, ApprovalSpec(), rule, subject, known)
        why = why or _other_run(_scope(subject[0].binding, known), chain)
        if not why:
            return ""
    return why


def _scope(binding: ApprovalSubject, known: Known) -> Scope:
    return known.scope(binding.scope) if binding.scope else Scope()


def _other_run(scope: Scope, chain: Chain) -> str:
    """Why decisions are not about a release of this run; empty: they are.

    A release's number is the environment's, which may count again once its state was lost; a run is planned once.
    """
    return "" if scope.run == chain.run else "the decisions are for a release of another run"


def steps_missing(
    release: str, new: Deployment, steps: Sequence[ApprovalStep], chain: Chain, known: Known, whole: str = ""
) -> str:
    """Why the approvals between the steps of a release do not suffice; empty: they do.

    `steps`: those that must have been granted by now. `whole`: the release over many clusters whose approvals hold
    for this one too, as far as they were given for its run, its deployment and the clusters as they are registered.
    """
    for step in steps:
        if why := _step_missing(release, new, step, chain, known, "" if step.in_each_cluster else whole):
            return f"approval {step.name} of {whole or release}: {why}"
    return ""


def _step_missing(release: str, new: Deployment, step: ApprovalStep, chain: Chain, known: Known, whole: str) -> str:
    rule, why = known.rule(new.environment), "nobody has signed a decision for it"
    asked = [ids.approval_id(one, step.name) for one in (release, whole) if one]
    if rule.trust is Trust.OPEN:
        return evidence.openly(chain, step, rule, asked, known)[0]
    for approval_id in asked:
        for subject in evidence.subjects(known.decisions(approval_id)):
            why = evidence.suffices(chain, step, rule, subject, known)
            if not why and approval_id == asked[0]:
                scope = _scope(subject[0].binding, known)
                why = _other_run(scope, chain) if scope.run else ""  # an earlier engine has left it out
            elif not why:
                why = _other_whole(subject[0].binding, new, step, rule, chain, known)
            if not why:
                return ""
    return why


def _other_whole(
    binding: ApprovalSubject, new: Deployment, step: ApprovalStep, rule: EnvironmentRule, chain: Chain, known: Known
) -> str:
    """Why decisions about a release over many clusters are not about this part of it; empty: they are."""
    scope = _scope(binding, known)
    if why := _other_run(scope, chain):
        return why
    if not rule.is_of(binding.rule):
        return f"the clusters or the rule of environment {new.environment} have changed since"
    if bound(step.name, new) not in scope.deployments:
        return "the decisions are for another deployment"
    return ""
