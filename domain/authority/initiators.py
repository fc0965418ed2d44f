"""Whose rights an effect needs: whoever started the run, at the moment of the effect, not when it began."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.access.actions import Action
from domain.access.attributes import Objection
from domain.access.labels import PUBLIC
from domain.access.principal import OWNER, Principal, PrincipalKind
from domain.access.resource import Resource, ResourceKind, cluster_resource
from domain.authority.cluster_orders import REMOVE_POD, UNDO
from domain.authority.ledger import PlannedRun
from domain.authority.permit import Claim, Effect
from domain.core.documents import Node
from domain.pipelines.job import Job
from domain.policy.asked import to_deploy, to_execute, to_read, to_start
from domain.policy.policy import PolicyFor, Push
from domain.policy.refusals import STEPS, ungated
from domain.releases.actions import ActionKind
from domain.triggers.events import EventKind, EventSource
from domain.triggers.repository_name import repository_name

ACTIONS = {
    Effect.DEPLOY: Action.EFFECT_DEPLOY,
    Effect.EXEC: Action.EFFECT_EXECUTE,
    Effect.SECRET: Action.EFFECT_SECRET,
    Effect.CLUSTER: Action.EFFECT_CLUSTER,
    Effect.PUBLISH: Action.EFFECT_PUBLISH,
}
_MACHINES = (PrincipalKind.TOKEN, PrincipalKind.WORKLOAD, PrincipalKind.REPOSITORY)


@dataclass(frozen=True, kw_only=True)
class EffectQuestion:
    """What is asked about an effect."""

    initiator: Principal
    action: Action
    resource: Resource
    run: Resource
    """Whose effect it is: what it holds is as secret and as trusted as its label."""
    job: str = ""
    push: Push | None = None
    """What registered policies look at; None: planned before the signer was told of it."""
    executor: str = ""
    """Of a job whose steps one runs."""
    gated: Callable[[], bool] = lambda: True
    """Whether a gate of its plan stands before a deployment: asked where a policy wants one."""
    confirmed: bool = False
    """The server has asked for the person's second factor, which nothing here can see."""
    served: bool = False
    """It is a person at a server: they have what they were given, also where nobody else was given anything."""


def objections(asked: EffectQuestion, held: PolicyFor) -> tuple[Objection, ...]:
    """What the policies of now say against it: the run's start is asked about again at each of its effects.

    A secret after an approval: that the way is open is the signer's ruling already.
    """
    found = to_start(held)
    if asked.executor:
        found += to_execute(held, asked.executor)
    if asked.action is Action.EFFECT_DEPLOY and to_deploy(held, gated=False):
        found += to_deploy(held, gated=asked.gated())
    if asked.action is Action.EFFECT_SECRET:
        found += to_read(held, asked.resource.name, asked.resource.environment, approved=True)
    return found


def pushed(run: PlannedRun) -> Push | None:
    """The push behind a run."""
    if run.event not in set(EventKind):
        return None
    return Push(
        repository=repository_name(run.repo),
        pipeline=run.pipeline,
        event=EventKind(run.event),
        branch=run.branch,
        tag=run.tag,
        elsewhere=run.fork,
    )


def initiator(starter: str, starter_from: str, repository: str) -> Principal:
    """Whose rights a run has. A name that nothing but the event claims is nobody's: then the repository asks.

    `starter`: as `ChangeAuthors` has it; `starter_from`: the channel that knows it, see `EventSource`.
    """
    if starter_from == EventSource.SYSTEM:
        return OWNER  # whoever may give commands in the home has its keys
    if starter and starter_from in (EventSource.SSH, EventSource.SERVER):
        kind, colon, name = starter.partition(":")
        if not colon:
            return Principal(kind=PrincipalKind.PERSON, name=starter)
        if kind in _MACHINES and name:
            return Principal(kind=PrincipalKind(kind), name=name)
    return Principal(kind=PrincipalKind.REPOSITORY, name=repository_name(repository) or "unknown")


def question(
    claim: Claim, run: PlannedRun, environment: str, jobs: Callable[[], Sequence[Job]] = tuple
) -> EffectQuestion:
    """`environment`: of the job; empty: it has none. `jobs`: of the plan, where something depends on them."""
    people = run.people
    who = initiator(people.starter, people.starter_from, run.repo or run.source_repo)
    whose = Resource(
        kind=ResourceKind.RUN,
        name=claim.run,
        pipeline=run.pipeline,
        environment=environment,
        owner=who.id,
        integrity=0 if run.fork else PUBLIC.integrity,
    )
    resource = _resource(claim, whose, environment)
    job = Node(claim.what)["job"]
    return EffectQuestion(
        initiator=who,
        action=ACTIONS[claim.effect],
        resource=resource,
        run=whose,
        job=claim.job,
        push=pushed(run),
        executor=job["executor"].text() if job["kind"].text() in STEPS else "",
        gated=lambda: claim.job not in ungated(jobs()),
        served=people.starter_from == EventSource.SERVER and who.kind is PrincipalKind.PERSON,
    )


def takes_back(claim: Claim, *, was_live: bool) -> bool:
    """Whether an effect only undoes: lost rights stop what goes on, and never the way back.

    `was_live`: this very instance has had all the traffic of its service before.
    """
    if claim.effect is Effect.DEPLOY:
        return (
            was_live or claim.action in ("", ActionKind.STOP) or (claim.action == ActionKind.SHIFT and not claim.share)
        )
    return claim.effect is Effect.CLUSTER and (claim.action.startswith(UNDO) or claim.action == REMOVE_POD)


def changes(claim: Claim) -> bool:
    """Whether an effect changes anything: a look at a version, or at what stands beside it, is not recorded."""
    looks = ("", ActionKind.PREFLIGHT, ActionKind.MEASURE, ActionKind.CHECK, ActionKind.VERIFY)
    return claim.effect is not Effect.DEPLOY or claim.action not in looks


def subject_of(claim: Claim) -> str:
    """Id of the resource that the audit names."""
    return _resource(claim, Resource(kind=ResourceKind.RUN, name=claim.run), "").id


def _resource(claim: Claim, run: Resource, environment: str) -> Resource:
    match claim.effect:
        case Effect.DEPLOY:
            name = environment or claim.subject.partition("/")[0]
            return Resource(kind=ResourceKind.ENVIRONMENT, name=name, environment=name)
        case Effect.SECRET:
            return Resource(kind=ResourceKind.SECRET, name=claim.subject, environment=environment)
        case Effect.CLUSTER:
            return cluster_resource(claim.subject)
    return run
