"""The composition root: creates all activities and adapters from the settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from activities.access.addresses import Addresses
from activities.access.checkpoints import Checkpoints
from activities.access.environments import Environments
from activities.access.identities import IdentityActivities
from activities.access.identity_store import Identity
from activities.access.people import ChangeReader, PeopleActivities
from activities.access.policies import PolicyStore
from activities.access.remembered import ToldPolicies, identity_of
from activities.authority import public_keys
from activities.authority.client import Ask, AuthorityClient, Socket
from activities.authority.port import Permits
from activities.clusters.activities import ClusterActivities
from activities.clusters.kept_facts import KeptFacts
from activities.clusters.provisioning import ProvisionActivities
from activities.clusters.remediation import RemediationActivities
from activities.clusters.requesting import RequestActivities
from activities.core.workflow_status import WorkflowStatusActivities
from activities.evidence.approval_review import Reviewer
from activities.evidence.run_report import Reporter
from activities.inventory.activities import InventoryActivities
from activities.jobs.activities import JobActivities
from activities.jobs.caches import DEFAULT_LIMIT_MB, Caches
from activities.jobs.capacity import WorkerCapacity, measured
from activities.jobs.directories import JobDirectories
from activities.jobs.image_builder import DockerImageBuilder
from activities.kubernetes.client import Kube
from activities.kubernetes.discovery import Kubes
from activities.kubernetes.far import Doing
from activities.kubernetes.impersonation import Acting
from activities.kubernetes.kubeconfigs import AddressBook
from activities.notifications.activities import NotifyActivities
from activities.notifications.notifiers.registry import notifiers
from activities.notifications.port import Notifier
from activities.pods.activities import PodActivities
from activities.pods.objects import ObjectActivities
from activities.pods.quota_admission import QuotaAdmissionActivities
from activities.queues.activities import QueueActivities
from activities.releases.activities import ReleaseActivities
from activities.releases.argocd.activities import ArgocdActivities
from activities.releases.drift.activities import DriftActivities
from activities.releases.exec_monitor import ExecWatch
from activities.releases.histories import Histories
from activities.releases.metric_sources.registry import sources
from activities.releases.numbering import NumberingActivities
from activities.releases.observer import ObserverActivities
from activities.releases.outcome.activities import OutcomeActivities
from activities.releases.port import Target
from activities.releases.rendering.activities import RenderActivities
from activities.releases.rendering.registry import renderers
from activities.releases.route_guard import RouteGuard
from activities.releases.routers.port import Router
from activities.releases.routers.registry import routers
from activities.releases.routers.traefik.process import Traefik
from activities.releases.shared_ticks import SharedTicks
from activities.releases.targets.registry import Targets, targets
from activities.releases.traffic_history import TrafficHistory
from activities.releases.waves.activities import WaveActivities
from activities.releases.waves.pool import PoolActivities
from activities.releases.windows import WindowActivities
from activities.runs.admitted_images import admitted_before
from activities.runs.approval_scope import ScopeActivities
from activities.runs.live_commits import LiveCommits
from activities.runs.records import RunRecordActivities
from activities.runs.rerun import RerunActivities
from activities.scans.activities import ScanActivities
from activities.scans.advisories import risk
from activities.scans.dast import GatedDast
from activities.scans.evidence import ScanEvidence
from activities.scans.gate import GateActivities
from activities.scans.rescan import RescanActivities
from activities.scans.running.result_cache import StoredCache
from activities.scans.running.unit_cache import UnitCache
from activities.scans.scanners.registry import image_scanners, scanners
from activities.scans.scanners.trivy.trivy import TrivySbom
from activities.scans.scanners.wapiti import Wapiti
from activities.scans.secret_hashing import Masked, installation_key
from activities.scans.suppressions.suppressions import AcceptedRisks
from activities.secrets.broker import Broker
from activities.source.mirrors import Mirrors
from activities.storage.port import Store
from activities.supply_chain.attestations import Attestor
from activities.supply_chain.image_admission import ImageAdmissionActivities
from activities.supply_chain.oci_registry import publish
from activities.triggers.delivery import DeliveryActivities
from activities.triggers.schedules import SchedulingActivities
from activities.volumes.activities import VolumeActivities
from domain.policy.policy import PolicyFor, Push
from domain.supply_chain.image_policy import ImageRule
from workers.core.far_clusters import FarClusters
from workers.core.records import Records, open_records
from workers.core.settings import Settings
from workers.worker import local_wiring as local
from workers.worker.definition_reader import YamlReader, matches, read_suppressions
from workers.worker.effect_audit import AuditedAuthority
from workers.worker.known_findings import known_findings

if TYPE_CHECKING:
    from workers.worker.temporal import Activity


@dataclass(frozen=True, kw_only=True)
class Wired:
    """Everything that a worker registers, and what must be started and stopped with it."""

    activities: list[Activity]
    jobs: JobActivities
    targets: Targets
    router: Traefik
    traffic: TrafficHistory
    store: Store
    records: Records
    execs: ExecWatch
    clusters: ClusterActivities
    channels: tuple[Notifier, ...]
    permits: Permits
    """The signer, as effects see it."""
    authority: AuthorityClient
    """The signer."""
    checkpoints: Checkpoints
    """Of the audit."""


@dataclass(frozen=True, kw_only=True)
class Infra:
    """Shared by several features."""

    settings: Settings
    store: Store
    records: Records
    mirrors: Mirrors
    places: JobDirectories
    attestor: Attestor
    authority: AuthorityClient
    permits: Permits
    book: AddressBook
    kubes: Kubes
    room: WorkerCapacity
    secrets: Broker
    environments: Environments
    policies: Callable[[Push], PolicyFor]
    """What holds for a push."""
    key: bytes
    """The installation's key, by which found secrets are distinguished."""

    def person(self, name: str) -> Identity | None:
        """Whom the signer knows: those of the database decide nothing."""
        return identity_of(self.authority.person(name))

    def reach(self, cluster: str) -> Kube:
        """The API of a cluster of this installation.

        Raises:
            SluicewayError: SLW952, there is none of this name.
        """
        return self.kubes.open(self.book.find(cluster), cluster)


def wire(settings: Settings, signer: Ask | None = None) -> Wired:
    """Everything of a worker, created from its settings. `signer`: how to ask it; None: by the socket in the home.

    Raises:
        SluicewayError: SLW806 or SLW807, the records cannot be used.
        DefinitionError: a setting has an unknown value.
    """
    infra = _infra(settings, signer or Socket(settings.signer_socket).ask)
    channels = notifiers(settings.home / "notices.jsonl", settings.webhook)
    providers, facts = local.cluster_providers(settings, infra.secrets), KeptFacts(infra.records.definitions)
    jobs, clusters = wire_jobs(infra), ClusterActivities(providers, infra.book, permits=infra.permits, facts=facts)
    router = local.router_of(settings)
    traffic = TrafficHistory(settings.home / "traffic", router)
    routed_by = routers(router, infra.reach)
    deploys_to = targets(settings.home, infra.store, infra.mirrors, routed_by, infra.secrets, infra.reach)
    owners = [
        jobs,
        *wire_scans(infra),
        *wire_runs(infra, channels),
        *wire_releases(infra, deploys_to.by_name(), routed_by, traffic),
        *wire_clusters(infra, clusters),
        NotifyActivities(channels),
    ]
    return Wired(
        activities=local.activities_of(*owners),
        jobs=jobs,
        targets=deploys_to,
        router=router,
        traffic=traffic,
        store=infra.store,
        records=infra.records,
        execs=deploys_to.docker.execs,
        clusters=clusters,
        channels=channels,
        permits=infra.permits,
        authority=infra.authority,
        checkpoints=Checkpoints(infra.records.database, infra.authority),
    )


def _infra(settings: Settings, signer: Ask) -> Infra:
    store, records = local.open_objects(settings), open_records(settings)
    authority = AuditedAuthority(signer, store.get, records.audit)
    policies = PolicyStore(ToldPolicies(authority.policies)).of
    secrets = replace(local.secret_broker(settings, authority), policies=policies)
    return Infra(
        settings=settings,
        store=store,
        records=records,
        mirrors=Mirrors(settings.mirrors),
        places=JobDirectories(settings.home / "jobs"),
        attestor=Attestor(
            authority, records.attestations, store, partial(publish, local.registry_access(settings, secrets))
        ),
        authority=authority,
        permits=authority,
        book=AddressBook(settings.addresses),
        kubes=Kubes(settings.clusters, FarClusters(settings, records.inventory.may)),
        room=WorkerCapacity(measured(settings.cpus, settings.memory_mb, settings.containers)),
        environments=Environments(records.definitions, settings.open_environments),
        policies=policies,
        secrets=secrets,
        key=installation_key(settings.scan_key),
    )


def wire_jobs(infra: Infra) -> JobActivities:
    """Activities of run, build and test jobs."""
    settings, records = infra.settings, infra.records
    caches = Caches(infra.store, records.caches, (settings.cache_mb or DEFAULT_LIMIT_MB) * 1_000_000)
    return JobActivities(
        *(infra.places, infra.store, records.runs, infra.mirrors, caches),
        images=DockerImageBuilder(settings.job_network),
        room=infra.room,
        executors=local.executors_of(settings, infra.book),
        attestor=infra.attestor,
        permits=infra.permits,
        policies=infra.policies,
        secrets=infra.secrets,
        registries=local.registry_access(settings, infra.secrets),
    )


def wire_scans(infra: Infra) -> Sequence[object]:
    """Activities of scans, gates, rescans and image admission."""
    settings, records = infra.settings, infra.records
    tools, database, masked = settings.tools, settings.vulnerabilities, Masked(infra.key)
    known = known_findings(records, infra.store, infra.mirrors, infra.key, infra.attestor, infra.policies, infra.person)
    plain = ScanActivities(
        places=infra.places, store=infra.store, records=records.runs, mirrors=infra.mirrors, room=infra.room
    )
    scans = replace(
        plain,
        attestor=infra.attestor,
        scanners=scanners(tools, database, masked),
        image_scanners=image_scanners(tools, database, masked),
        known=known,
        secrets=infra.secrets,
        registries=local.registry_access(settings, infra.secrets),
        suppressions=read_suppressions,
        identity_of=infra.person,
        policies=infra.policies,
        cache=StoredCache(settings.home / "scans" / "runs", infra.store),
        units=UnitCache(settings.home / "scans" / "run-units", infra.key, infra.store.has),
        risks=partial(risk.lookup, settings.trivy_cache),
    )
    answers = AcceptedRisks(infra.mirrors, read_suppressions, infra.person)
    gates = GateActivities(
        infra.store, ScanEvidence(records.runs, infra.attestor), answers, known, matches, infra.policies
    )
    sbom = TrivySbom(tools, database, masked)
    rescans = RescanActivities(records, infra.store, sbom, infra.attestor, settings.home / "scans" / "rescans")
    return scans, gates, rescans, _admission(infra)


def _admission(infra: Infra) -> ImageAdmissionActivities:
    def rule_of(environment: str) -> ImageRule:
        return infra.environments.need(environment).images

    before, rule = partial(admitted_before, infra.records.runs), infra.authority.rule
    access = local.registry_access(infra.settings, infra.secrets, rule)
    return ImageAdmissionActivities(rule_of, infra.attestor, before, registries=access)


def wire_runs(infra: Infra, channels: tuple[Notifier, ...]) -> Sequence[object]:
    """Activities of deliveries, records, identities, reruns and schedules."""
    records, store, environments = infra.records, infra.store, infra.environments
    permits = infra.permits
    people = ChangeReader(infra.mirrors, environments, LiveCommits(records.runs, records.releases))
    taken, policies = records.runs.last_number, infra.policies
    delivery = DeliveryActivities(store, infra.mirrors, YamlReader(), permits, taken, policies, environments.rule)
    reviewer = Reviewer(records, store, infra.mirrors, environments)
    return (
        delivery,
        RunRecordActivities(records.runs, store, Reporter(records, store, reviewer).html, channels, permits=permits),
        IdentityActivities(permits, records.approvals),
        RerunActivities(records.runs, environments, store, delivery, records.identities, permits, people),
        PeopleActivities(people, Addresses(records.definitions, records.identities), records.approvals),
        ScopeActivities(store, records.runs),
        SchedulingActivities(),
        WorkflowStatusActivities(),
        QueueActivities(),
    )


def wire_releases(
    infra: Infra, deploys_to: Mapping[str, Target], routed_by: Mapping[str, Router], traffic: TrafficHistory
) -> Sequence[object]:
    """Activities of releases, their observers and drift."""
    dast, history = GatedDast(Wapiti(infra.settings.tools), infra.store), Histories(traffic, routed_by)
    return (
        ReleaseActivities(deploys_to, infra.records.releases, history, dast, permits=infra.permits),
        NumberingActivities(infra.environments, infra.records.releases.last_number),
        WindowActivities(infra.environments),
        OutcomeActivities(infra.environments, infra.permits),
        WaveActivities(lambda cluster: infra.reach(cluster).raw("/readyz")),
        RenderActivities(infra.store, infra.mirrors, infra.records.runs.record_job, renderers()),
        PoolActivities(infra.settings.home / "releases", shared=SharedTicks(infra.records.database)),
        DriftActivities(deploys_to, infra.records.definitions, infra.environments, infra.permits),
        ObserverActivities(
            *(infra.settings.home / "releases", infra.store, sources(routed_by, infra.reach)),
            moved=infra.records.releases.moved,
            guard=RouteGuard(routed_by, infra.permits),
            shared=SharedTicks(infra.records.database),
        ),
    )


def wire_clusters(infra: Infra, clusters: ClusterActivities) -> Sequence[object]:
    """Activities of clusters, pods, volumes and quotas."""
    reach, far = partial(infra.book.opened, open=infra.kubes.open), Doing(infra.book, infra.kubes.far).do
    hands, home = Acting(infra.book, infra.kubes.open).hands, partial(public_keys.home, infra.settings.signer)
    return (
        clusters,
        ProvisionActivities(),
        RequestActivities(infra.records.requests, reach, infra.book, permits=infra.permits, home=home, far=far),
        RemediationActivities(reach, permits=infra.permits),
        VolumeActivities(reach, infra.book, permits=infra.permits),
        ArgocdActivities(reach, infra.book, permits=infra.permits),
        QuotaAdmissionActivities(reach, infra.book),
        PodActivities(reach, infra.store, infra.secrets, permits=infra.permits, hands=hands, far=far),
        ObjectActivities(reach, infra.book, permits=infra.permits, hands=hands, far=far),
        InventoryActivities(infra.reach, infra.records.inventory),
    )
