"""What people have agreed to be asked of a cluster, as the signer finds it: in their own decisions, not in a workflow.

The document that an approver signs holds the whole request, with what it replaces. The signer knows of a cluster the
digest of what it is to be; a claim shows what it would be. With the request taken out, that must be what it is now.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from domain.approvals.request import ApprovalSubject, Decision, EnvironmentRule, Trust
from domain.approvals.scope import Scope
from domain.approvals.spec import ApprovalSpec
from domain.authority import evidence
from domain.authority.evidence import Chain, Known
from domain.authority.permit import digest_of
from domain.clusters import requests
from domain.clusters.requests import STEP, ClusterRequest
from domain.clusters.spec import ClusterSpec
from domain.core import ids
from domain.core.documents import Object

MOST_TRIED = 5_000
Form = Callable[[ClusterSpec], Object]


def approval_of(id_: str) -> str:
    """Workflow id of the approval of a request."""
    return ids.approval_id(id_, STEP)


def document(id_: str, cluster: str, binding: ApprovalSubject, scope: Scope) -> tuple[ClusterRequest | None, str]:
    """The request that a decision is about, or why it is about none of this cluster."""
    try:
        asked = requests.request_of(scope)
    except ValueError:
        return None, "the decisions are about something else"
    if (scope.run, asked.cluster, binding.environment) != (id_, cluster, scope.environment):
        return None, "the decisions are for another request"
    return asked, ""


def disagreed(id_: str, asked: ClusterRequest, rule: EnvironmentRule, subject: Sequence[Decision], known: Known) -> str:
    """Why decisions about a request do not suffice now; empty: they do."""
    if rule.trust is Trust.OPEN or subject[0].binding.rule == rule.digest:
        chain = Chain(id_, "", "", lambda _: requests.people(asked), {})
        return evidence.suffices(chain, ApprovalSpec(), rule, subject, known)
    return f"the rule of {f'environment {rule.name}' if rule.name else 'approvals'} has changed since"


def applies(spec: ClusterSpec, asked: ClusterRequest, now: str, form: Form) -> bool:
    """Whether a cluster is what it is now (a digest) with the request in it, and nothing else."""
    base = requests.without(spec, asked)
    return base != spec and requests.applied(base, asked) == spec and digest_of(form(base)) == now


def takes_back(spec: ClusterSpec, asked: ClusterRequest, now: str, form: Form) -> bool:
    """Whether a cluster is what it is now without the request."""
    for tried, before in enumerate(requests.states_before(spec, asked)):
        if tried >= MOST_TRIED:
            return False
        if before != spec and requests.without(before, asked) == spec and digest_of(form(before)) == now:
            return True
    return False
