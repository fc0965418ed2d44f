"""Settings to everything that touches the world: the composition root."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from activities.access.identities import IdentityActivities
from activities.clusters.activities import ClusterActivities
from activities.clusters.providers.registry import providers
from activities.clusters.provisioning import ProvisionActivities
from activities.clusters.remediation import HealActivities
from activities.core.workflow_status import LivenessActivities
from activities.evidence.run_report import Reporter
from activities.jobs.activities import JobActivities
from activities.jobs.caches import DEFAULT_LIMIT_MB, Caches
from activities.jobs.capacity import WorkerRoom, measured
from activities.jobs.directories import Places
from activities.jobs.executors.registry import executors
from activities.jobs.image_builder import DockerImageBuilder
from activities.kubernetes.discovery import Kubes
from activities.kubernetes.kubeconfigs import AddressBook
from activities.notifications.activities import NotifyActivities
from activities.notifications.notifiers.registry import notifiers
from activities.pods.activities import PodActivities
from activities.pods.quota_admission import AdmissionActivities
from activities.releases.activities import ReleaseActivities
from activities.releases.drift import DriftActivities
from activities.releases.exec_monitor import ExecWatch
from activities.releases.metric_sources.registry import sources
from activities.releases.observer import ObserverActivities
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
from activities.scans.suppressions import Answers
from activities.source.git import Mirrors
from activities.storage.port import Store
from activities.storage.stores.registry import open_store
from activities.supply_chain.attestations import Attestor
from activities.supply_chain.image_admission import AdmitActivities
from activities.supply_chain.oci_registry import publish
from activities.supply_chain.signing import FileSigner
from activities.triggers.delivery import DeliveryActivities
from activities.triggers.schedules import SchedulingActivities
from activities.volumes.activities import VolumeActivities
from workers.core.records import Records, open_records
from workers.core.settings import Settings
from workers.worker.definition_reader import YamlReader, matches, read_suppressions


@dataclass(frozen=True)
class Wired:
    activities: list[Callable[..., Any]]
    jobs: JobActivities
    targets: Targets
    router: Traefik
    traffic: TrafficHistory
    store: Store
    records: Records
    execs: ExecWatch
    clusters: ClusterActivities


def wire(settings: Settings) -> Wired:
    home = settings.home
    store = open_store(settings.store_address, settings.store, settings.store_endpoint)
    records, mirrors = open_records(settings), Mirrors(settings.mirrors)
    places = Places(home / "jobs")
    ports = settings.engine()
    router = Traefik(home / "router", Ports(int(ports.get("router_port", 0)), int(ports.get("router_api_port", 0))))
    deploys_to = targets(home, store, mirrors, routers(router))
    channels = notifiers(home / "notices.jsonl", settings.webhook)
    room = WorkerRoom(measured(settings.cpus, settings.memory_mb, settings.containers))
    caches = Caches(store, records.caches, (settings.cache_mb or DEFAULT_LIMIT_MB) * 1_000_000)
    attestor = Attestor(FileSigner(settings.signing_key), records.attestations, store, publish)
    book = AddressBook(settings.addresses)
    places_of_jobs = executors(home, settings.clusters, book)
    jobs = JobActivities(
        *(places, store, records.runs, mirrors, caches),
        images=DockerImageBuilder(),
        room=room,
        executors=places_of_jobs,
        attestor=attestor,
    )
    key = installation_key(settings.scan_key)
    plain = ScanActivities(places, store, records.runs, mirrors, room=room, attestor=attestor)
    scans = _scans(settings, plain, records, key)
    sbom = TrivySbom(settings.tools, settings.vulnerabilities, Masked(key))
    rescans = RescanActivities(records, store, sbom, attestor, home / "scans" / "rescans")
    delivery = DeliveryActivities(store, mirrors, YamlReader())
    runs = RunRecordActivities(records.runs, store, Reporter(records, store).html, channels)
    identities = IdentityActivities(records.identities, records.definitions)
    traffic = TrafficHistory(home / "traffic", router)
    by_name = deploys_to.by_name()
    dast = GatedDast(Wapiti(settings.tools), store)
    releases = ReleaseActivities(by_name, records.releases, traffic, dast)
    drifts = DriftActivities(by_name, records.definitions)
    observer = ObserverActivities(home / "releases", store, sources(router))
    liveness = LivenessActivities()
    reruns = RerunActivities(records.runs, records.definitions, store, delivery)
    clusters = ClusterActivities(providers(settings.clusters, settings.built), book)
    kubes = Kubes(settings.clusters)
    return Wired(
        activities_of(
            *(
                jobs,
                scans,
                _gates(scans),
                delivery,
                runs,
                identities,
                releases,
                observer,
                liveness,
                reruns,
                drifts,
                rescans,
                clusters,
            ),
            *(SchedulingActivities(), AdmitActivities(records.definitions, attestor), NotifyActivities(channels)),
            *(ProvisionActivities(), HealActivities(kubes.open), VolumeActivities(kubes.open, book)),
            *(AdmissionActivities(kubes.open, book), PodActivities(kubes.open, store)),
        ),
        jobs,
        deploys_to,
        router,
        traffic,
        store,
        records,
        deploys_to.docker.execs,
        clusters,
    )


def activities_of(*owners: object) -> list[Callable[..., Any]]:
    """All that Temporal may ask of them."""
    found = [method for owner in owners for _, method in inspect.getmembers(owner, callable)]
    return [method for method in found if hasattr(method, "__temporal_activity_definition")]


def _gates(plain: ScanActivities) -> GateActivities:
    evidence = ScanEvidence(plain.records, plain.attestor)
    return GateActivities(plain.store, evidence, Answers(plain.mirrors, read_suppressions), plain.baselines, matches)


def _scans(settings: Settings, plain: ScanActivities, records: Records, key: bytes) -> ScanActivities:
    """With scanners, baselines, and what reads the files of people and the database."""
    tools, database, masked = settings.tools, settings.vulnerabilities, Masked(key)
    return replace(
        plain,
        scanners=scanners(tools, database, masked),
        image_scanners=image_scanners(tools, database, masked),
        baselines=Baselines(records.baselines, plain.store, key),
        suppressions=read_suppressions,
        cache=StoredCache(settings.home / "scans" / "runs", plain.store),
        risks=partial(risk.lookup, settings.trivy_cache),
    )
