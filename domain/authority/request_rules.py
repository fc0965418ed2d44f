"""What people have agreed to be asked of a cluster, as the signer finds it: in their own decisions, not in a workflow.

The document that an approver signs holds the whole request, with what it replaces. The signer knows of a cluster the
digest of what it is to be; a claim shows what it would be. With the request taken out, that must be what it is now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from domain.approvals.request import ApprovalSubject, Decision, EnvironmentRule, Trust
from domain.approvals.scope import Scope
from domain.approvals.spec import ApprovalSpec
from domain.authority import evidence
from domain.authority.evidence import Chain, Known
from domain.authority.permit import digest_of
from domain.clusters import requests
from domain.clusters.requests import STEP, ClusterRequest, RequestKind
from domain.clusters.spec import ClusterSpec
from domain.core import ids
from domain.core.documents import Object
from domain.releases.kubernetes.registered import registered

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


def rule_there(rules: Iterable[EnvironmentRule], asked: ClusterRequest) -> EnvironmentRule | None:
    """Of the environments whose services run in the namespace of a request the one that demands most, of a priority
    class anywhere in its cluster; None: none is registered there.
    """
    here = [rule for rule in rules if _is_there(rule, asked)]
    return max(here, key=lambda one: (one.quorum, sum(one.per_group.values()), one.name), default=None)


def _is_there(rule: EnvironmentRule, asked: ClusterRequest) -> bool:
    try:
        target = registered(rule.kubernetes)
    except ValueError:
        return False
    if target is None or asked.cluster not in target.clusters:
        return False
    return asked.kind is RequestKind.PRIORITY or target.namespace == asked.namespace


def out_of_bounds(asked: ClusterRequest, rules: Iterable[EnvironmentRule], now: float) -> str:
    """Why a request is none that anybody could have asked for, whoever has agreed to it; empty: it is one."""
    if asked.until and now >= asked.until:
        return "its time is over"
    if asked.kind is RequestKind.EXCEPTION and not asked.until:
        return "an exception ends, and this one does not"
    if asked.until > now + requests.MOST_S + requests.LEAST_S:
        return "it would hold for too long"
    there = rule_there(rules, asked)
    if (there.name if there else "") != asked.environment:
        named = f"of environment {there.name}" if there else "of no environment"
        where = f"{asked.namespace or asked.name} in {asked.cluster}"
        return f"the rule {named} counts for {where}, and it was agreed to by another"
    return ""


def disagreed(id_: str, asked: ClusterRequest, rule: EnvironmentRule, subject: Sequence[Decision], known: Known) -> str:
    """Why decisions about a request do not suffice now; empty: they do."""
    if rule.trust is Trust.OPEN or rule.is_of(subject[0].binding.rule):
        chain = Chain(id_, "", "", lambda _: requests.people(asked), {})
        # what has no name counts a key that nobody has confirmed: a server could have registered it
        named = rule if rule.name else replace(rule, name=f"cluster {asked.cluster}")
        return evidence.suffices(chain, ApprovalSpec(), named, subject, known)
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
