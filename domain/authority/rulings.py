"""Whether an effect may happen, by what was read, signed and permitted before.

Each ruling is given what is about to be done and what the signer knows. It never asks how a run says that it went.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from domain.approvals.request import EnvironmentRule
from domain.approvals.scope import Scope, uncovered
from domain.authority import evidence, step_evidence
from domain.authority.cluster_orders import EPHEMERAL
from domain.authority.evidence import Chain, Known
from domain.authority.ledger import PlannedRun
from domain.authority.permit import Claim, Permit, digest_of
from domain.clusters.spec import ClusterSpec
from domain.core.documents import Object
from domain.core.errors import RefusedError
from domain.pipelines.held_expressions import difference, matches
from domain.pipelines.job import Job, JobKind
from domain.releases.argocd.job import ArgocdSync
from domain.releases.deploy_spec import DeploySpec
from domain.releases.deployment import Deployment
from domain.releases.image_name import is_pinned, pins, plain
from domain.releases.kubernetes.registered import in_registered_place, registered
from domain.runs.approval_scope import bound
from domain.triggers.source import SourceRef
from domain.volumes.volume_job import VolumeJob

EXECUTED = (JobKind.RUN, JobKind.BUILD, JobKind.TEST)
BY_HAND = "by hand"


@dataclass(frozen=True)
class Asked:
    """A claim, and what the signer knows of the run that makes it."""

    claim: Claim
    run: PlannedRun
    chain: Chain
    known: Known


def no_plan(run: str) -> RefusedError:
    """The refusal of a run that nobody has read a plan for."""
    return RefusedError("SLW011", f"no plan was read for {run or 'this'}", why="the engine did not begin this run")


def planned_job(chain: Chain, id_: str) -> Job:
    """The job of a plan; an item of a for-each job is its job under the item's id.

    Raises:
        RefusedError: SLW012, the plan has no such job.
    """
    base, bracket, _ = id_.rpartition("[")
    for job in chain.jobs:
        if job.id == id_:
            return job
        if bracket and job.for_each and job.id == base:
            return replace(job, id=id_)
    raise RefusedError("SLW012", f"the plan of {chain.run} has no job {id_}")


def executes(asked: Asked, ready: Job, source: SourceRef) -> Permit:
    """The steps of a job: it is the planned one, at the commit of the run, and its way is open.

    Raises:
        RefusedError: SLW012 to SLW014.
    """
    planned = planned_job(asked.chain, ready.id)
    if ready.kind not in EXECUTED:
        raise RefusedError("SLW012", f"{ready.id} is a job of kind {ready.kind}, which has no steps")
    if wrong := difference(planned, ready):
        raise RefusedError("SLW012", f"job {ready.id} is not the planned one", why=f"it differs in {wrong}")
    _same_source(asked.run, source)
    return _opened(asked, planned)


def publishes(asked: Asked, image: str) -> Permit:
    """An image of a build job that says so in the plan.

    Raises:
        RefusedError: SLW012 to SLW014.
    """
    planned = planned_job(asked.chain, asked.claim.job)
    if planned.image is None or not planned.image.push or not matches(planned.image.tag, image):
        raise RefusedError("SLW012", f"job {planned.id} is not planned to push {image}")
    return _opened(asked, planned)


def reads_secret(asked: Asked, reference: str) -> Permit:
    """The value of a secret that the job names in the plan.

    Raises:
        RefusedError: SLW012 to SLW014.
    """
    planned = planned_job(asked.chain, asked.claim.job)
    if reference not in planned.secrets.values():
        raise RefusedError("SLW012", f"job {planned.id} is not planned to use the secret {reference}")
    return _opened(asked, planned)


def provisions(asked: Asked, name: str, form: Callable[[ClusterSpec], Object]) -> Permit:
    """A cluster that a provision job of the run creates or changes. `form`: what of it is compared.

    Raises:
        RefusedError: SLW012 to SLW014.
    """
    planned = planned_job(asked.chain, asked.claim.job)
    if planned.provision is None or not matches(planned.provision.name.lower(), name):
        raise RefusedError("SLW012", f"job {planned.id} is not planned to create the cluster {name}")
    if digest_of(form(replace(planned.provision.cluster, name=name))) != asked.claim.digest:
        raise RefusedError("SLW012", f"cluster {name} is not the one that job {planned.id} is planned to create")
    permit = _opened(asked, planned)
    return replace(permit, basis=EPHEMERAL) if planned.provision.ephemeral else permit


def changes_volume(asked: Asked, ready: VolumeJob) -> Permit:
    """The action of a volume job.

    Raises:
        RefusedError: SLW012 to SLW014.
    """
    planned = planned_job(asked.chain, asked.claim.job)
    if planned.volume is None or difference(planned.volume, ready) or ready.cluster != asked.claim.subject:
        raise RefusedError("SLW012", f"job {planned.id} is not planned to do this to a volume of {asked.claim.subject}")
    return _opened(asked, planned)


def syncs(asked: Asked, ready: ArgocdSync) -> Permit:
    """The sync of an Application that the job's environment is registered with.

    Raises:
        RefusedError: SLW012 to SLW014.
    """
    planned = planned_job(asked.chain, asked.claim.job)
    wanted = planned.argocd_sync
    if wanted is None or difference(wanted, ready) or ready.cluster != asked.claim.subject:
        raise RefusedError("SLW012", f"job {planned.id} is not planned to sync this Application")
    if ready.where not in asked.known.rule(planned.environment).applications:
        what = f"{planned.environment} is not registered with the Application {ready.where}"
        raise RefusedError("SLW012", what, fix=f"applications: [{ready.where}] in the environment, and sluiceway apply")
    return _opened(asked, planned)


def deploys(asked: Asked, new: Deployment, taken: str) -> Permit:
    """The first action of a release: the deployment is the planned one, approved, and the job's only one.

    `taken`: the instance that this job's attempt has released already; empty: none.

    Raises:
        RefusedError: SLW012 to SLW015.
    """
    claim = asked.claim
    planned = _deploy_job(asked.chain, claim.job, new)
    assert planned.deploy is not None
    if taken not in ("", claim.subject):
        raise RefusedError("SLW015", f"{planned.id} of {claim.run} has released {taken} already")
    if not 1 <= claim.attempt <= max(planned.retry.attempts, 1):
        raise RefusedError("SLW015", f"{planned.id} has no attempt {claim.attempt}")
    _same_deployment(planned, new)
    _same_source(asked.run, new.source)
    registered_place(new, asked.known.rule(new.environment))
    return _opened(asked, planned, new)


def as_planned_before(chain: Chain, new: Deployment) -> None:
    """A deployment from before the signer: the plan of its run describes it.

    Raises:
        RefusedError: SLW012, it does not.
    """
    _same_deployment(_deploy_job(chain, "", new), new)


def steps_granted(asked: Asked, release: str, new: Deployment, whole: str = "") -> None:
    """The approvals between the steps of a release, up to the share of traffic that a version is to get.

    `whole`: id of the release over many clusters that it claims to be a part of; empty: of none.

    Raises:
        RefusedError: SLW013, one is missing.
    """
    share = asked.claim.share
    due = [one for one in new.spec.rollout.approvals if share >= round(one.before_percent * 100)]
    if why := step_evidence.steps_missing(release, new, due, asked.chain, asked.known, whole):
        raise RefusedError("SLW013", "people have not approved this step", why=why)


def _deploy_job(chain: Chain, id_: str, new: Deployment) -> Job:
    """The deploy job by its id; without one, the plan's only one for this service and environment."""
    if id_:
        found = [planned_job(chain, id_)]
    else:
        found = [one for one in chain.jobs if one.deploy and one.deploy.service == new.service]
        found = [one for one in found if one.environment == new.environment]
    if len(found) != 1 or found[0].deploy is None:
        where = f"{new.service} to {new.environment}"
        raise RefusedError("SLW012", f"the plan of {chain.run} does not deploy {where}")
    return found[0]


def _same_deployment(planned: Job, new: Deployment) -> None:
    assert planned.deploy is not None
    spec = _late(new.spec, planned.deploy)
    by_tag = planned.deploy.image and not is_pinned(planned.deploy.image)
    spec = replace(spec, image=plain(spec.image)) if by_tag else spec
    wanted = replace(planned.deploy, image=_planned_name(planned.deploy)) if planned.deploy.image else planned.deploy
    ready = replace(planned, deploy=spec, env=new.env, secrets=new.secrets, environment=new.environment)
    _only_digests(new)
    if wrong := difference(replace(planned, deploy=wanted), ready):
        raise RefusedError("SLW012", f"{planned.id} does not release what the plan says", why=f"it differs in {wrong}")
    if new.service != planned.deploy.service:
        raise RefusedError("SLW012", f"{planned.id} releases {planned.deploy.service}, not {new.service}")
    if bool(new.artifact) != bool(planned.deploy.artifact):
        raise RefusedError("SLW012", f"{planned.id} runs in {planned.deploy.artifact or 'a checkout'}, as planned only")


def _late(spec: DeploySpec, planned: DeploySpec) -> DeploySpec:
    """Without what no plan knows: the place comes from the registered environment, the objects from the renderer."""
    if spec.kubernetes is None or planned.kubernetes is None:
        return spec
    late = planned.kubernetes
    known = replace(spec.kubernetes, place=late.place, rendered=late.rendered, digests=late.digests)
    return replace(spec, kubernetes=known)


def registered_place(new: Deployment, rule: EnvironmentRule) -> None:
    """A release to a cluster goes where its environment is registered with, and a part to one of its clusters.

    Raises:
        RefusedError: SLW012, it goes elsewhere.
    """
    found = registered(rule.kubernetes)
    several = found.waves.clusters if found else {}
    if (new.cluster not in several) if several else new.cluster:
        what = f"{new.environment} is not registered with cluster {new.cluster[:63] or '(none named)'}"
        raise RefusedError("SLW012", what, why=f"it has {', '.join(several) or 'one place only'}")
    if new.spec.kubernetes is None:
        return
    cluster = new.cluster or new.spec.kubernetes.place.cluster
    if in_registered_place(new.spec, rule.kubernetes, cluster) != new.spec:
        where = f"namespace {new.spec.kubernetes.place.namespace} of cluster {cluster}"
        raise RefusedError("SLW012", f"{new.environment} is not registered with {where}")


def _planned_name(spec: DeploySpec) -> str:
    """The planned name, where it has a tag; what an expression gives may have one, too."""
    return spec.image if "${{" in spec.image or is_pinned(spec.image) else plain(spec.image)


def _only_digests(new: Deployment) -> None:
    """The admission puts digests in the places of tags, and nothing else.

    Raises:
        RefusedError: SLW012, it is said to have put another image there.
    """
    for name, image in (new.spec.kubernetes.digests if new.spec.kubernetes else {}).items():
        if not pins(name, image):
            what = f"{new.service} would run another image than its source says"
            raise RefusedError("SLW012", what, why=f"{image[:200]} is not {name[:200]} by digest")


def _same_source(run: PlannedRun, source: SourceRef) -> None:
    if (source.repo, source.commit) != (run.source_repo, run.source_commit):
        raise RefusedError("SLW012", f"{run.run} is of commit {run.source_commit[:12]}, not {source.commit[:12]}")


def _opened(asked: Asked, planned: Job, new: Deployment | None = None) -> Permit:
    """The permit, once people and gates have opened the way; runs from before the signer have shown nothing to it."""
    run, claim = asked.run, asked.claim
    permit = Permit(
        effect=claim.effect,
        subject=claim.subject,
        digest=claim.digest,
        run=claim.run,
        job=claim.job,
        attempt=claim.attempt,
        action=claim.action,
        share=claim.share,
        plan=run.plan,
        commit=run.commit,
        starter=run.people.starter,
        environment=planned.environment,
        artifacts=(new.artifact,) if new and new.artifact else (),
        basis="upgrade" if run.inherited else "plan",
    )
    if run.inherited:
        return permit
    shown = evidence.shown(asked.chain, planned, asked.known)
    if shown.gate_missing:
        raise RefusedError("SLW014", f"{planned.id} needs a gate that has not passed", why=shown.gate_missing)
    if shown.approval_missing:
        raise RefusedError("SLW013", f"{planned.id} is not approved", why=shown.approval_missing)
    if new is not None and (why := _uncovered(shown.scopes, planned.id, new)):
        raise RefusedError("SLW015", f"{planned.id} would release what was not approved", why=why)
    return replace(permit, approvers=shown.approvers, gates=shown.gates)


def _uncovered(scopes: tuple[Scope, ...], job: str, new: Deployment) -> str:
    """Why no approval covers a deployment. The admission has put a digest in the place of the image's tag: where the
    approved image had none, its name is compared.
    """
    found = ""
    if new.spec.kubernetes:  # they are of the approved objects' own names
        new = replace(new, spec=replace(new.spec, kubernetes=replace(new.spec.kubernetes, digests={})))
    for scope in scopes:
        approved = next((one.image for one in scope.deployments if one.job == job), "")
        same = approved and "@" not in approved and plain(approved) == plain(new.spec.image)
        asked = replace(new, spec=replace(new.spec, image=approved)) if same else new
        found = uncovered((scope,), bound(job, asked))
        if not found:
            return ""
    return found
