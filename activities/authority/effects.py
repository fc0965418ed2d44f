"""A permit for each kind of effect: reads what is to be done, and asks the rulings."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from activities.authority import requested
from activities.authority.cluster_forms import form
from activities.authority.plans import Plans
from activities.core import serialization as serial
from domain.access.principal import PrincipalKind
from domain.approvals.request import EnvironmentRule
from domain.approvals.scope import Scope
from domain.authority import release_rules, rulings
from domain.authority.cluster_orders import (
    APPLY_REQUEST,
    ARGOCD_SYNC,
    CHANGE_OBJECT,
    CREATE_POD,
    END_REQUEST,
    REMOVE_POD,
    REPAIR,
    UNDO,
    VOLUME,
)
from domain.authority.evidence import Chain, Known
from domain.authority.initiators import question, takes_back
from domain.authority.ledger import Ledger
from domain.authority.moves import GRACE_S
from domain.authority.permit import Claim, Effect, Permit, Right, digest_of
from domain.authority.rulings import Asked
from domain.clusters import requests
from domain.clusters.requests import ClusterRequest
from domain.clusters.spec import ClusterSpec
from domain.core import ids
from domain.core.documents import Node
from domain.core.errors import RefusedError
from domain.pipelines.job import Job
from domain.releases.actions import ActionKind
from domain.releases.argocd.job import ArgocdSync
from domain.releases.deployment import Deployment
from domain.releases.kubernetes.registered import in_registered_place
from domain.releases.windows import Calendar
from domain.supply_chain.origin import Origin
from domain.triggers.repository_name import repository_name
from domain.triggers.source import SourceRef
from domain.volumes.volume_job import VolumeJob

if TYPE_CHECKING:
    from activities.authority.known import Registry


T = TypeVar("T")


class Effects:
    """Looks up what a claim is about in the ledger and in the plan of its run."""

    def __init__(self, ledger: Ledger, plans: Plans, registry: Registry) -> None:
        self._ledger, self._plans, self._registry = ledger, plans, registry

    def permit(self, claim: Claim, blobs: Mapping[str, str], now: float) -> tuple[Permit, Right]:
        """The permit, without its times, and by which right. `now`: seconds since the epoch.

        Raises:
            NeededError: the plan must be sent along.
            RefusedError: SLW011 to SLW015; SLW034, nobody has ordered it; SLW484, whoever started it may not.
        """
        match claim.effect:
            case Effect.DEPLOY:
                permit = self._deploy(claim, blobs, now)
            case Effect.EXEC:
                job, source = _load(Job, claim, "job"), _load(SourceRef, claim, "source")
                if job.id != claim.subject or job.id != claim.job:
                    raise RefusedError("SLW012", f"the claim is about {claim.subject}, and the job is {job.id}")
                permit = rulings.executes(self._asked(claim, blobs), job, source)
            case Effect.SECRET:
                permit = rulings.reads_secret(self._asked(claim, blobs), claim.subject)
            case Effect.PUBLISH:
                permit = rulings.publishes(self._asked(claim, blobs), claim.subject)
            case Effect.CLUSTER:
                permit = self._cluster(claim, blobs, now)
        right = self._righted(claim, permit, blobs)
        return self._in_the_name_of(claim, self._ruled(permit)), right

    def _in_the_name_of(self, claim: Claim, permit: Permit) -> Permit:
        """With the person whose order it is: where a cluster asks for it, they act there themselves."""
        if claim.effect is not Effect.CLUSTER or permit.basis != "order":
            return permit
        person = self._ledger.clusters.person(claim.subject, claim.action, claim.digest, claim.origin)
        return replace(permit, person=person, groups=self._registry.groups(person)) if person else permit

    def _righted(self, claim: Claim, permit: Permit, blobs: Mapping[str, str]) -> Right:
        """The rights of this moment: what was granted when the run began counts for nothing.

        Raises:
            RefusedError: SLW484, whoever started the run may not do it.
        """
        run = self._ledger.runs.get(claim.run)
        if run is None:  # by hand: it was decided when it was ordered
            return Right()
        here = claim.subject.rpartition("/")[0]
        known = claim.subject in self._ledger.deployed and (here, claim.digest) in self._ledger.was_live
        asked = question(claim, run, permit.environment, lambda: self._plans.jobs(run.plan, blobs))
        if takes_back(claim, was_live=known):
            return Right(asked.initiator.id, "effect/takes-back")
        verdict = self._registry.verdict(asked)
        if verdict is None:  # everything is the owner's; who it was is known all the same
            return Right(asked.initiator.id) if asked.initiator.kind is PrincipalKind.PERSON else Right()
        if not verdict.allowed:
            what = f"{verdict.principal} may not {verdict.action} on {verdict.resource}"
            raise RefusedError("SLW484", what, where=verdict.rule, why=verdict.reason, fix=verdict.missing)
        return Right(verdict.principal, verdict.rule, verdict.policy_digest)

    def _ruled(self, permit: Permit) -> Permit:
        """With the digest of the environment's rule as it is registered now."""
        if not permit.environment:
            return permit
        rule = Node(serial.dump_plain(self._registry.rule(permit.environment)))
        return replace(permit, rule=digest_of(rule.object()))

    def _asked(self, claim: Claim, blobs: Mapping[str, str]) -> Asked:
        attempts = self._ledger.attempts(claim.run)
        if not attempts:
            raise rulings.no_plan(claim.run)
        if claim.run in self._ledger.ended:
            raise RefusedError("SLW011", f"{claim.run} has ended", fix="start a new run")
        run = attempts[0]
        plans = {one.run: self._plans.jobs(one.plan, blobs) for one in attempts if one.commit == run.commit}
        known, people = (
            self._known(partial(self._plans.scope, blobs=blobs)),
            partial(self._registry.authors, run.people),
        )
        return Asked(claim, run, Chain(claim.run, run.commit, run.source_commit, people, plans), known)

    def _known(self, scope: Callable[[str], Scope]) -> Known:
        ledger, registry = self._ledger, self._registry
        return Known(
            decisions=ledger.decided,
            claimed=ledger.claims,
            verdicts=ledger.verdict,
            identity=registry.identity,
            unowned=registry.unowned,
            rule=registry.rule,
            rule_then=self._rule_then,
            scope=scope,
        )

    def _rule_then(self, digest: str) -> EnvironmentRule | None:
        found = self._ledger.rules.get(digest)
        return serial.load(EnvironmentRule, json.dumps(found)) if found else None

    # -- clusters -----------------------------------------------------------------------------------------------------

    def _cluster(self, claim: Claim, blobs: Mapping[str, str], now: float) -> Permit:
        """What somebody has ordered or a run has planned; what a cluster is to be stays permitted after its run."""
        orders = self._ledger.clusters
        if claim.action in (CREATE_POD, REMOVE_POD):
            return replace(_plain(claim), basis=self._pod(claim, now))
        if claim.action in (APPLY_REQUEST, END_REQUEST):
            wish, scope = _load(ClusterRequest, claim, "request"), partial(self._plans.scope, blobs=blobs)
            agreed = requested.agreed_there(claim, wish, self._ledger, self._registry, self._known(scope), now)
            return replace(_plain(claim), basis=agreed.basis, approvers=agreed.approvers)
        if basis := orders.basis(claim.subject, claim.action, claim.digest, now):
            return replace(_plain(claim), basis=basis)
        if requests.cluster_of(claim.run):
            spec, scope = _load(ClusterSpec, claim, ""), partial(self._plans.scope, blobs=blobs)
            agreed = requested.agreed(claim, spec, self._ledger, self._registry, self._known(scope), now)
            return replace(_plain(claim), basis=agreed.basis, approvers=agreed.approvers)
        if claim.run and claim.action == VOLUME:
            return rulings.changes_volume(self._asked(claim, blobs), _load(VolumeJob, claim, "volume"))
        if claim.run and claim.action == ARGOCD_SYNC:
            return rulings.syncs(self._asked(claim, blobs), _load(ArgocdSync, claim, "argocd-sync"))
        if claim.run and claim.action not in (REPAIR, CHANGE_OBJECT) and not claim.action.startswith(UNDO):
            return rulings.provisions(self._asked(claim, blobs), claim.subject, form)
        what = f"nobody has ordered {claim.action} of cluster {claim.subject}"
        raise RefusedError("SLW034", what, why="neither a command by hand nor the plan of a run says so")

    def _pod(self, claim: Claim, now: float) -> str:
        """A pod by its workflow; its content is bound where it is created."""
        said, orders, pod = Node(claim.what), self._ledger.clusters, claim.origin
        where = digest_of(said["where"].object())
        named = ids.is_of_pod(pod, claim.subject, said.at("where", "namespace").text(), said["name"].text())
        if named and claim.action == CREATE_POD:
            if orders.creates(pod, digest_of(said["content"].object()), where, now):
                return "order"
        elif named and orders.removes(pod, where):
            return "order"
        what = f"nobody has ordered {claim.action} {said['name'].text()[:100]} in cluster {claim.subject}"
        raise RefusedError("SLW034", what, why=f"{pod or 'it'} was not started by a command by hand, or not with this")

    # -- releases -----------------------------------------------------------------------------------------------------

    def _deploy(self, claim: Claim, blobs: Mapping[str, str], now: float) -> Permit:
        new = _load(Deployment, claim, "")
        place, service, instance = _parts(claim)
        if (new.place, new.service) != (place, service):
            raise RefusedError("SLW015", f"the claim is about {claim.subject}, and the deployment is another")
        known = self._ledger.deployed.get(claim.subject)
        if known is not None:
            if known.digest != claim.digest:
                raise RefusedError("SLW015", f"{claim.subject} was permitted with other content")
            permit = replace(_plain(claim), environment=new.environment, basis="remembered")
            self._windows(claim, new, blobs, now)
            self._steps(replace(claim, run=known.run, job=known.job), new, instance, blobs)
            return permit
        if before := self._from_before(claim, blobs, new):
            return before
        asked = self._asked(claim, blobs)
        taken = self._ledger.releases.get((claim.run, claim.job, claim.attempt, new.cluster), "")
        permit = rulings.deploys(asked, new, taken)
        self._objects(asked, new, blobs, now)
        self._windows(claim, new, blobs, now)
        self._steps(claim, new, instance, blobs)
        return permit

    def _from_before(self, claim: Claim, blobs: Mapping[str, str], new: Deployment) -> Permit | None:
        """What was live once or ordered to be imported, and what ran before this home had a signer; None: neither."""
        here = f"{new.place}/{new.service}"
        if claim.run == rulings.BY_HAND and self._ledger.clusters.imports.get(here) == claim.digest:
            return self._imported(claim, new)
        if claim.run in ("", rulings.BY_HAND) and (here, claim.digest) in self._ledger.was_live:
            return replace(_plain(claim), environment=new.environment, basis="remembered")
        for name in (claim.subject, f"{here}/{claim.origin}"):
            run = self._ledger.past.get(self._ledger.inherited.get(name, ""))
            if run is not None:
                jobs = {run.run: self._plans.jobs(run.plan, blobs)}
                people = partial(self._registry.authors, run.people)
                rulings.as_planned_before(Chain(run.run, run.commit, run.source_commit, people, jobs), new)
                return replace(_plain(claim), environment=new.environment, basis="upgrade")
        return None

    def _imported(self, claim: Claim, new: Deployment) -> Permit:
        """By an order, at the place that is registered now."""
        rule = self._registry.rule(new.environment)
        if in_registered_place(new.spec, rule.kubernetes, new.cluster) != new.spec:
            raise RefusedError(
                "SLW015", f"{claim.subject} is not at the place that {new.environment} is registered for"
            )
        return replace(_plain(claim), environment=new.environment, basis="order")

    def _objects(self, asked: Asked, new: Deployment, blobs: Mapping[str, str], now: float) -> None:
        """What is rendered for a cluster, by the policy of kinds and by what the environment demands of images."""
        if new.spec.kubernetes is None:
            return
        objects = self._plans.objects(new.spec, blobs)
        release_rules.may_have(new, objects)
        claim, known = asked.claim, self._ledger.releases
        key = (claim.run, claim.job, claim.attempt)
        release_rules.admitted(
            new,
            objects,
            self._registry.images(new.environment),
            lambda image: self._registry.statements(image, lambda digest: self._plans.blob(digest, blobs)),
            now,
            Origin(repository=repository_name(asked.run.repo), pipeline=asked.run.pipeline),
            further=bool(new.cluster) and any(one[:3] == key for one in known),
        )

    def _windows(self, claim: Claim, new: Deployment, blobs: Mapping[str, str], now: float) -> None:
        """For what takes a release forward; what was live goes back in at any time."""
        stops = claim.action == ActionKind.STOP
        here = f"{new.place}/{new.service}"
        if ((here, claim.digest) in self._ledger.was_live and not stops) or not self._ledger.moves.forward(claim):
            return
        calendar = Calendar() if stops else new.spec.rollout.calendar
        closed = [self._registry.closed(new.environment, calendar, when) for when in (now, now - GRACE_S)]
        if all(closed):
            whole = _whole(claim, new)
            release_rules.passed_windows(self._asked(claim, blobs), new, _parts(claim)[2], closed[0], whole)

    def _steps(self, claim: Claim, new: Deployment, instance: str, blobs: Mapping[str, str]) -> None:
        """Approvals between steps, for what has never had all the traffic; the first version replaces nothing."""
        here = f"{new.place}/{new.service}"
        moves = claim.action in (ActionKind.ROUTE, ActionKind.SHIFT)
        if not moves or not new.spec.rollout.approvals or (here, claim.digest) in self._ledger.was_live:
            return
        if not self._ledger.has_been_live(here):
            return
        number = int(instance.removeprefix("r")) if instance.removeprefix("r").isdecimal() else 0
        release = ids.release_id(new.service, new.place, number)
        rulings.steps_granted(self._asked(claim, blobs), release, new, _whole(claim, new))


def _whole(claim: Claim, new: Deployment) -> str:
    """Id of the release over many clusters or services that it claims to be a part of; empty: of none."""
    together = new.spec.together.name if new.spec.together else ""
    if not (claim.whole and (new.cluster or together)):
        return ""
    return ids.release_id(together or new.service, new.environment, claim.whole)


def _plain(claim: Claim) -> Permit:
    return Permit(
        effect=claim.effect,
        subject=claim.subject,
        digest=claim.digest,
        run=claim.run,
        job=claim.job,
        attempt=claim.attempt,
        action=claim.action,
        share=claim.share,
    )


def _parts(claim: Claim) -> tuple[str, str, str]:
    parts = claim.subject.split("/")
    if len(parts) != 3:
        raise RefusedError("SLW015", f"'{claim.subject}' is not ENVIRONMENT/SERVICE/INSTANCE")
    return parts[0], parts[1], parts[2]


def _load(kind: type[T], claim: Claim, name: str) -> T:
    """A part of what is claimed, or all of it.

    Raises:
        RefusedError: SLW012, it is something else.
    """
    part = claim.what.get(name) if name else claim.what
    try:
        return serial.load(kind, json.dumps(part))
    except ValueError as broken:
        raise RefusedError("SLW012", f"what is to be done is no {kind.__name__}", why=str(broken)[:200]) from broken
