"""What people have agreed to be asked of a cluster, by the signer's own memory of what they have signed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from activities.authority.cluster_forms import form
from domain.access.actions import Action
from domain.access.principal import Principal, PrincipalKind
from domain.access.resource import cluster_resource
from domain.approvals.request import Decision
from domain.authority import evidence, request_rules
from domain.authority.cluster_orders import (
    AGREED_S,
    END_REQUEST,
    REPAIR,
    REQUEST,
    REQUEST_ENDED,
    UNDO,
    VOLUME,
    ClusterLedger,
)
from domain.authority.evidence import Known
from domain.authority.initiators import EffectQuestion
from domain.authority.ledger import Ledger
from domain.authority.permit import Claim
from domain.clusters.requests import ClusterRequest
from domain.clusters.spec import ClusterSpec
from domain.core.errors import RefusedError

if TYPE_CHECKING:
    from activities.authority.known import Registry


@dataclass(frozen=True)
class Agreed:
    """Why a cluster may be this, and who has said so."""

    basis: str
    approvers: tuple[str, ...] = ()


def agreed(claim: Claim, spec: ClusterSpec, ledger: Ledger, registry: Registry, known: Known, now: float) -> Agreed:
    """A cluster with a request that people have agreed to, or as it was before. What was taken back is over.

    Raises:
        NeededError: the signed document must be sent along.
        RefusedError: SLW034, nobody has agreed to it.
    """
    what = f"nobody has agreed to {claim.run[:200]} of cluster {claim.subject}"
    if claim.action in (REPAIR, VOLUME) or claim.action.startswith(UNDO):
        raise RefusedError("SLW034", what, why=f"a request is for no {claim.action}")
    orders, why = ledger.clusters, "nobody has signed a decision for it"
    is_now = orders.state(claim.subject)
    for subject in evidence.subjects(ledger.decided(request_rules.approval_of(claim.run))):
        binding = subject[0].binding
        asked, why = request_rules.document(claim.run, claim.subject, binding, known.scope(binding.scope))
        if asked is None:
            continue
        if claim.run in orders.agreed and request_rules.takes_back(spec, asked, is_now, form):
            return Agreed(REQUEST_ENDED)
        why = _done_before(claim.run, orders) or request_rules.out_of_bounds(asked, registry.every_rule(), now)
        why = why or request_rules.disagreed(claim.run, asked, known.rule(asked.environment), subject, known)
        why = why or _may_not(subject, claim.subject, registry)
        if not why and request_rules.applies(spec, asked, is_now, form):
            return Agreed(REQUEST, tuple(one.approver for one in subject if one.approve))
        why = why or f"{claim.subject} would be other than what was agreed"
    raise RefusedError("SLW034", what, why=why)


def agreed_there(
    claim: Claim, asked: ClusterRequest, ledger: Ledger, registry: Registry, known: Known, now: float
) -> Agreed:
    """A request about objects of a cluster that was made elsewhere: what is claimed is all that people have signed.

    Raises:
        NeededError: the signed document must be sent along.
        RefusedError: SLW034, nobody has agreed to it.
    """
    orders, why = ledger.clusters, "nobody has signed a decision for it"
    for subject in evidence.subjects(ledger.decided(request_rules.approval_of(claim.run))):
        binding = subject[0].binding
        signed, why = request_rules.document(claim.run, claim.subject, binding, known.scope(binding.scope))
        if signed is None:
            continue
        if signed != asked:
            why = "it is another request than the one that was agreed to"
            continue
        if claim.action == END_REQUEST:
            if claim.run in orders.agreed:
                return Agreed(REQUEST_ENDED)
            why = "it was not permitted to begin"
            continue
        why = _too_late(claim.run, asked, orders, now) or request_rules.out_of_bounds(asked, registry.every_rule(), now)
        why = why or request_rules.disagreed(claim.run, asked, known.rule(asked.environment), subject, known)
        why = why or _may_not(subject, claim.subject, registry)
        if not why:
            return Agreed(REQUEST, tuple(one.approver for one in subject if one.approve))
    what = f"nobody has agreed to {claim.run[:200]} of cluster {claim.subject}"
    raise RefusedError("SLW034", what, why=why)


def _too_late(id_: str, asked: ClusterRequest, orders: ClusterLedger, now: float) -> str:
    """What stays is done at once or not at all: whoever changes the object later has the last word."""
    if id_ in orders.taken_back:
        return "it was taken back"
    began = orders.agreed_at.get(id_, now)
    return "it was done already" if not asked.until and now > began + AGREED_S else ""


def _done_before(id_: str, orders: ClusterLedger) -> str:
    """What was agreed to is done once: whoever orders something else afterwards has the last word."""
    if id_ in orders.taken_back:
        return "it was taken back"
    return "it was done already, and the cluster was ordered to be something else since" if id_ in orders.agreed else ""


def _may_not(subject: Sequence[Decision], cluster: str, registry: Registry) -> str:
    """Who of those that have agreed may not approve in a cluster now, and by which rule; empty: all may."""
    where = cluster_resource(cluster)
    for name in dict.fromkeys(one.approver for one in subject if one.approve):
        who = Principal(kind=PrincipalKind.PERSON, name=name)
        asked = EffectQuestion(initiator=who, action=Action.APPROVALS_DECIDE, resource=where, run=where, confirmed=True)
        verdict = registry.verdict(asked)
        if verdict is not None and not verdict.allowed:
            return f"{name} may not approve there: {verdict.rule}"
    return ""
