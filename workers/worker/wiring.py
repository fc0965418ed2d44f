"""The composition root: creates all activities and adapters from the settings."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from activities.access.environments import Environments
from activities.access.identities import IdentityActivities
from activities.clusters.activities import ClusterActivities
from activities.clusters.provisioning import ProvisionActivities
from activities.clusters.remediation import RemediationActivities
from activities.core.workflow_status import WorkflowStatusActivities
from activities.evidence.run_report import Reporter
from activities.jobs.activities import JobActivities
from activities.jobs.caches import DEFAULT_LIMIT_MB, Caches
from activities.jobs.capacity import WorkerCapacity, measured
from activities.jobs.directories import JobDirectories
from activities.jobs.executors.registry import executors
from activities.jobs.image_builder import DockerImageBuilder
from activities.kubernetes.discovery import Kubes
from activities.kubernetes.kubeconfigs import AddressBook
from activities.notifications.activities import NotifyActivities
from activities.notifications.notifiers.registry import notifiers
from activities.notifications.port import Notifier
from activities.pods.activities import PodActivities
from activities.pods.quota_admission import QuotaAdmissionActivities
from activities.queues.activities import QueueActivities
from activities.releases.activities import ReleaseActivities
from activities.releases.drift import DriftActivities
from activities.releases.exec_monitor import ExecWatch
from activities.releases.metric_sources.registry import sources
from activities.releases.numbering import NumberingActivities
from activities.releases.observer import ObserverActivities
from activities.releases.port import Target
from activities.releases.routers.registry import routers
from activities.releases.routers.traefik.process import Ports, Traefik
from activities.releases.targets.registry import Targets, targets
from activities.releases.traffic_history import TrafficHistory
from activities.runs.records import RunRecordActivities
from activities.runs.rerun import RerunActivities
from activities.scans.activities import ScanActivities
from activities.scans.advisories import risk
from activities.scans.baselines import Baselines
from activities.scans.dast import GatedDast
from activities.scans.evidence import ScanEvidence
from activities.scans.gate import GateActivities
from activities.scans.rescan import RescanActivities
from activities.scans.result_cache import StoredCache
from activities.scans.scanners.registry import image_scanners, scanners
from activities.scans.scanners.trivy.trivy import TrivySbom
from activities.scans.scanners.wapiti import Wapiti
from activities.scans.secret_hashing import Masked, installation_key
from activities.scans.suppressions import AcceptedRisks
from activities.source.mirrors import Mirrors
from activities.storage.port import Store
from activities.supply_chain.attestations import Attestor
from activities.supply_chain.image_admission import ImageAdmissionActivities
from activities.supply_chain.oci_registry import publish
from activities.supply_chain.signing import FileSigner
from activities.triggers.delivery import DeliveryActivities
from activities.triggers.schedules import SchedulingActivities
from activities.volumes.activities import VolumeActivities
from domain.supply_chain.image_policy import ImageRule
from workers.core.records import Records, open_records
from workers.core.settings import Settings
from workers.worker.definition_reader import YamlReader, matches, read_suppressions
from workers.worker.local_wiring import cluster_providers, open_objects

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


@dataclass(frozen=True, kw_only=True)
class Infra:
    """Shared by several features."""

    settings: Settings
    store: Store
    records: Records
    mirrors: Mirrors
    places: JobDirectories
    attestor: Attestor
    book: AddressBook
    kubes: Kubes
    room: WorkerCapacity
    key: bytes
    """The installation's key, by which found secrets are distinguished."""


def wire(settings: Settings) -> Wired:
    """Everything of a worker, created from its settings.

    Raises:
        SluicewayError: SLW806 or SLW807, the records cannot be used.
        DefinitionError: a setting has an unknown value.
    """
    infra = _infra(settings)
    channels = notifiers(settings.home / "notices.jsonl", settings.webhook)
    jobs, clusters = wire_jobs(infra), ClusterActivities(cluster_providers(settings), infra.book)
    router = _router(settings)
    traffic = TrafficHistory(settings.home / "traffic", router)
    deploys_to = targets(settings.home, infra.store, infra.mirrors, routers(router))
    owners = [
        jobs,
        *wire_scans(infra),
        *wire_runs(infra, channels),
        *wire_releases(infra, deploys_to.by_name(), router, traffic),
        *wire_clusters(infra, clusters),
        NotifyActivities(channels),
    ]
    return Wired(
        activities=activities_of(*owners),
        jobs=jobs,
        targets=deploys_to,
        router=router,
        traffic=traffic,
        store=infra.store,
        records=infra.records,
        execs=deploys_to.docker.execs,
        clusters=clusters,
    )


def _infra(settings: Settings) -> Infra:
    store, records = open_objects(settings), open_records(settings)
    return Infra(
        settings=settings,
        store=store,
        records=records,
        mirrors=Mirrors(settings.mirrors),
        places=JobDirectories(settings.home / "jobs"),
        attestor=Attestor(FileSigner(settings.signing_key), records.attestations, store, publish),
        book=AddressBook(settings.addresses),
        kubes=Kubes(settings.clusters),
        room=WorkerCapacity(measured(settings.cpus, settings.memory_mb, settings.containers)),
        key=installation_key(settings.scan_key),
    )


def _router(settings: Settings) -> Traefik:
    known = settings.engine()
    ports = Ports(int(known.get("router_port", 0)), int(known.get("router_api_port", 0)))
    return Traefik(settings.home / "router", ports)


def wire_jobs(infra: Infra) -> JobActivities:
    """Activities of run, build and test jobs."""
    settings, records = infra.settings, infra.records
    caches = Caches(infra.store, records.caches, (settings.cache_mb or DEFAULT_LIMIT_MB) * 1_000_000)
    return JobActivities(
        *(infra.places, infra.store, records.runs, infra.mirrors, caches),
        images=DockerImageBuilder(),
        room=infra.room,
        executors=executors(settings.home, settings.clusters, infra.book),
        attestor=infra.attestor,
    )


def wire_scans(infra: Infra) -> Sequence[object]:
    """Activities of scans, gates, rescans and image admission."""
    settings, records = infra.settings, infra.records
    tools, database, masked = settings.tools, settings.vulnerabilities, Masked(infra.key)
    baselines = Baselines(records.baselines, infra.store, infra.key)
    plain = ScanActivities(
        places=infra.places,
        store=infra.store,
        records=records.runs,
        mirrors=infra.mirrors,
        room=infra.room,
        attestor=infra.attestor,
    )
    scans = replace(
        plain,
        scanners=scanners(tools, database, masked),
        image_scanners=image_scanners(tools, database, masked),
        baselines=baselines,
        suppressions=read_suppressions,
        cache=StoredCache(settings.home / "scans" / "runs", infra.store),
        risks=partial(risk.lookup, settings.trivy_cache),
    )
    answers = AcceptedRisks(infra.mirrors, read_suppressions)
    gates = GateActivities(infra.store, ScanEvidence(records.runs, infra.attestor), answers, baselines, matches)
    sbom = TrivySbom(tools, database, masked)
    rescans = RescanActivities(records, infra.store, sbom, infra.attestor, settings.home / "scans" / "rescans")
    return scans, gates, rescans, ImageAdmissionActivities(_image_rule(records), infra.attestor)


def _image_rule(records: Records) -> Callable[[str], ImageRule]:
    environments = Environments(records.definitions)
    return lambda name: environments.get(name).images


def wire_runs(infra: Infra, channels: tuple[Notifier, ...]) -> Sequence[object]:
    """Activities of deliveries, records, identities, reruns and schedules."""
    records, store = infra.records, infra.store
    delivery = DeliveryActivities(store, infra.mirrors, YamlReader(), records.runs.last_number)
    return (
        delivery,
        RunRecordActivities(records.runs, store, Reporter(records, store).html, channels),
        IdentityActivities(records.identities, records.definitions),
        RerunActivities(records.runs, records.definitions, store, delivery, records.identities),
        SchedulingActivities(),
        WorkflowStatusActivities(),
        QueueActivities(),
    )


def wire_releases(
    infra: Infra, deploys_to: Mapping[str, Target], router: Traefik, traffic: TrafficHistory
) -> Sequence[object]:
    """Activities of releases, their observers and drift."""
    dast = GatedDast(Wapiti(infra.settings.tools), infra.store)
    return (
        ReleaseActivities(deploys_to, infra.records.releases, traffic, dast),
        NumberingActivities(infra.records.releases.last_number),
        DriftActivities(deploys_to, infra.records.definitions),
        ObserverActivities(infra.settings.home / "releases", infra.store, sources(router)),
    )


def wire_clusters(infra: Infra, clusters: ClusterActivities) -> Sequence[object]:
    """Activities of clusters, pods, volumes and quotas."""
    reach = infra.kubes.open
    return (
        clusters,
        ProvisionActivities(),
        RemediationActivities(reach),
        VolumeActivities(reach, infra.book),
        QuotaAdmissionActivities(reach, infra.book),
        PodActivities(reach, infra.store),
    )


def activities_of(*owners: object) -> list[Activity]:
    """All activities that Temporal may call."""
    found = [method for owner in owners for _, method in inspect.getmembers(owner, callable)]
    return [method for method in found if hasattr(method, "__temporal_activity_definition")]
