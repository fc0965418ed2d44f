"""Settings to everything that touches the world: the composition root."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from activities.address_book import AddressBook
from activities.admission import AdmissionActivities
from activities.admit import AdmitActivities
from activities.advisories import risk
from activities.attest import Attestor
from activities.baselines import Baselines
from activities.caches import DEFAULT_LIMIT_MB, Caches
from activities.clusters import ClusterActivities
from activities.dast import GatedDast
from activities.delivery import DeliveryActivities
from activities.drift import DriftActivities
from activities.exec_watch import ExecWatch
from activities.executors.registry import executors
from activities.git import Mirrors
from activities.healing import HealActivities
from activities.identity import IdentityActivities
from activities.image_builder import DockerImageBuilder
from activities.jobs import JobActivities
from activities.kube import Kubes
from activities.liveness import LivenessActivities
from activities.metric_sources.registry import sources
from activities.notifiers.registry import notifiers
from activities.notify import NotifyActivities
from activities.observe import ObserverActivities
from activities.places import Places
from activities.platforms.docker import DockerPlatform
from activities.platforms.local import LocalPlatform
from activities.pods import PodActivities
from activities.providers.registry import providers
from activities.provisioning import ProvisionActivities
from activities.records import Records
from activities.registry import publish
from activities.release import Platform, ReleaseActivities
from activities.report import Reporter
from activities.rerun import RerunActivities
from activities.rescan import RescanActivities
from activities.room import WorkerRoom, measured
from activities.router.traefik import Ports, Router
from activities.run_records import RunRecordActivities
from activities.scan import ScanActivities
from activities.scan_cache import StoredCache
from activities.scanners.masking import Masked, installation_key
from activities.scanners.registry import image_scanners, scanners
from activities.scanners.trivy import TrivySbom
from activities.scanners.wapiti import Wapiti
from activities.scheduling import SchedulingActivities
from activities.signing import FileSigner
from activities.store import Store
from activities.stores.registry import open_store
from activities.traffic import TrafficHistory
from activities.volumes import VolumeActivities
from workers.reader import YamlReader, matches, read_suppressions
from workers.settings import Settings


@dataclass(frozen=True)
class Wired:
    activities: list[Callable[..., Any]]
    jobs: JobActivities
    platform: LocalPlatform
    router: Router
    traffic: TrafficHistory
    store: Store
    execs: ExecWatch
    clusters: ClusterActivities


def wire(settings: Settings) -> Wired:
    home = settings.home
    store = open_store(settings.store_address, settings.store, settings.store_endpoint)
    records, mirrors = Records(settings.records), Mirrors(settings.mirrors)
    places = Places(home / "jobs")
    ports = settings.engine()
    router = Router(home / "router", Ports(int(ports.get("router_port", 0)), int(ports.get("router_api_port", 0))))
    platform = LocalPlatform(home / "services", store, mirrors, router)
    channels = notifiers(home / "notices.jsonl", settings.webhook)
    room = WorkerRoom(measured(settings.cpus, settings.memory_mb, settings.containers))
    caches = Caches(store, records, (settings.cache_mb or DEFAULT_LIMIT_MB) * 1_000_000)
    attestor = Attestor(FileSigner(settings.signing_key), records, store, publish)
    book = AddressBook(settings.addresses)
    places_of_jobs = executors(home, settings.clusters, book)
    jobs = JobActivities(places, store, records, mirrors, DockerImageBuilder(), room, caches, places_of_jobs, attestor)
    key = installation_key(settings.scan_key)
    scans = _scans(settings, ScanActivities(places, store, records, mirrors, room=room, attestor=attestor), key)
    sbom = TrivySbom(settings.tools, settings.vulnerabilities, Masked(key))
    rescans = RescanActivities(records, store, sbom, attestor, home / "scans" / "rescans")
    delivery = DeliveryActivities(store, mirrors, YamlReader())
    runs = RunRecordActivities(records, store, Reporter(records, store).html, channels)
    identities = IdentityActivities(records)
    traffic = TrafficHistory(home / "traffic", router)
    containers = DockerPlatform(home, router)
    platforms: dict[str, Platform] = {"local": platform, "docker": containers}
    dast = GatedDast(Wapiti(settings.tools), store)
    releases, drifts = ReleaseActivities(platforms, records, traffic, dast), DriftActivities(platforms, records)
    observer = ObserverActivities(home / "releases", store, sources(router))
    liveness = LivenessActivities()
    reruns = RerunActivities(records, store, delivery)
    clusters = ClusterActivities(providers(settings.clusters, settings.built), book)
    kubes = Kubes(settings.clusters)
    return Wired(
        activities_of(
            *(jobs, scans, delivery, runs, identities, releases, observer, liveness, reruns, drifts, rescans, clusters),
            *(SchedulingActivities(), AdmitActivities(records, attestor), NotifyActivities(channels)),
            *(ProvisionActivities(), HealActivities(kubes.open), VolumeActivities(kubes.open, book)),
            *(AdmissionActivities(kubes.open, book), PodActivities(kubes.open, store)),
        ),
        jobs,
        platform,
        router,
        traffic,
        store,
        containers.execs,
        clusters,
    )


def activities_of(*owners: object) -> list[Callable[..., Any]]:
    """All that Temporal may ask of them."""
    found = [method for owner in owners for _, method in inspect.getmembers(owner, callable)]
    return [method for method in found if hasattr(method, "__temporal_activity_definition")]


def _scans(settings: Settings, plain: ScanActivities, key: bytes) -> ScanActivities:
    """With scanners, baselines, and what reads the files of people and the database."""
    tools, database, masked = settings.tools, settings.vulnerabilities, Masked(key)
    return replace(
        plain,
        scanners=scanners(tools, database, masked),
        image_scanners=image_scanners(tools, database, masked),
        baselines=Baselines(plain.records, plain.store, key),
        matches=matches,
        suppressions=read_suppressions,
        cache=StoredCache(settings.home / "scans" / "runs", plain.store),
        risks=partial(risk.lookup, settings.trivy_cache),
    )
