"""The part of the composition root for commands without a worker, which imports little."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from activities.storage.port import Store
from workers.core.settings import Settings

if TYPE_CHECKING:
    from activities.authority.port import Permits
    from activities.clusters.port import Provider
    from activities.jobs.isolation.isolation import Isolation
    from activities.jobs.port import Executor
    from activities.kubernetes.kubeconfigs import AddressBook
    from activities.releases.rendering.port import Renderer
    from activities.releases.routers.traefik.process import Traefik
    from activities.scans.port import Scanner
    from activities.scans.running.progress import Progress
    from activities.secrets.broker import Broker
    from activities.secrets.rule_file import RuleFile
    from activities.supply_chain.attestations import Attestor
    from activities.supply_chain.registry_access import RegistryAccess
    from domain.approvals.request import EnvironmentRule
    from domain.releases.kubernetes.place import SourceKind
    from domain.scans.findings.model import ScanReport
    from workers.client.local_scans import LocalScanning
    from workers.worker.temporal import Activity


def renderers() -> dict[SourceKind, Renderer]:
    """Of each kind of source of a release's objects."""
    from activities.releases.rendering import registry

    return registry.renderers()


def open_objects(settings: Settings) -> Store:
    """The object store.

    Raises:
        DefinitionError: SLUICEWAY_STORE is not a supported address.
    """
    from activities.storage.stores.registry import open_store

    return open_store(settings.store_address, settings.store, settings.store_endpoint)


def open_attestor(settings: Settings) -> Attestor:
    """Reads this installation's attestations, and signs nothing."""
    from activities.authority.public_keys import PublishedKey
    from activities.supply_chain.attestations import Attestor
    from workers.core.records import open_records

    return Attestor(PublishedKey(settings.signer), open_records(settings).attestations, open_objects(settings))


def router_of(settings: Settings) -> Traefik:
    """The router of this machine, on the ports that the engine has chosen."""
    from activities.releases.routers.traefik.process import Ports, Traefik

    known = settings.engine()
    ports = Ports(int(known.get("router_port", 0)), int(known.get("router_api_port", 0)))
    return Traefik(settings.home / "router", ports)


def cluster_providers(settings: Settings, broker: Broker) -> dict[str, Provider]:
    """Every cluster provider by name."""
    from activities.authority import public_keys
    from activities.clusters.providers.registry import providers

    return providers(settings.clusters, settings.built, broker, lambda: public_keys.home(settings.signer))


def secret_broker(settings: Settings, permits: Permits | None = None) -> Broker:
    """Hands out the secrets of this installation by its rules.

    Raises:
        DefinitionError: SLW503, SLUICEWAY_SECRETS is not a supported address.
    """
    from activities.secrets.broker import Broker
    from activities.secrets.stores.registry import open_secrets

    return Broker(open_secrets(settings.secret_store, settings.secrets), secret_rules(settings).rules, permits)


def registry_access(
    settings: Settings, broker: Broker, rule: Callable[[str], EnvironmentRule] | None = None
) -> RegistryAccess:
    """What this installation knows of registries. `rule`: of an environment, as the signer remembers it.

    Raises:
        DefinitionError: SLW503, SLUICEWAY_REGISTRIES names one that is none, or no login of one.
    """
    from activities.supply_chain.registry_access import RegistryAccess
    from domain.core.errors import DefinitionError
    from domain.releases.kubernetes.registered import registered_logins
    from domain.releases.registries import parsed

    try:
        own = parsed(settings.registries)
    except ValueError as wrong:
        fix = "HOST[:PORT] [USER SECRET [REALM...]], separated by semicolons"
        raise DefinitionError("SLW503", "SLUICEWAY_REGISTRIES cannot be read", why=str(wrong), fix=fix) from None
    access = RegistryAccess(values=broker.values, value=broker.of_engine, own=own)
    if rule is None:
        return access
    return replace(access, of_environment=lambda name: registered_logins(rule(name).kubernetes))


def secret_rules(settings: Settings) -> RuleFile:
    """The rules of this home."""
    from activities.secrets.rule_file import NAME, RuleFile

    return RuleFile(settings.secrets / NAME)


def executors_of(settings: Settings, book: AddressBook) -> dict[str, Executor]:
    """Of jobs. The pods of jobs are marked by the keys for messages, which every worker of the installation has."""
    from activities.jobs.executors.registry import executors
    from workers.core.keyring import Keyring

    secrets = Keyring.of_home(settings.home).every_secret
    return executors(settings.home, settings.clusters, book, isolation_of(settings), settings.agents, secrets)


def isolation_of(settings: Settings) -> Isolation:
    """Of process jobs, as this installation has it."""
    from activities.jobs.isolation.isolation import Isolation
    from domain.jobs.isolation import Reach

    return Isolation(
        settings.home,
        least=settings.isolation,
        most=settings.isolation_most,
        reach=Reach(settings.job_network, settings.job_hosts, settings.job_addresses),
        disk_mb=settings.job_disk_mb,
        shared=settings.job_paths,
    )


def pipeline_scanners(settings: Settings) -> Mapping[str, Scanner]:
    """Scanners of folders by name, without masking."""
    from activities.scans.scanners.registry import scanners

    return scanners(settings.tools, settings.vulnerabilities)


def report_format(name: str) -> Callable[[ScanReport], str]:
    """The writer of a report format.

    Raises:
        KeyError: unknown format.
    """
    from activities.scans.formats.registry import FORMATS

    return FORMATS[name]


def local_scanning(settings: Settings, progress: Progress, *, again: bool = False) -> LocalScanning:
    """Local scans with every installed scanner. `again`: ignores cached reports."""
    from activities.scans.running.local_scan import LocalScan
    from activities.scans.running.result_cache import FolderCache
    from activities.scans.running.scan_runner import Scanning
    from activities.scans.running.unit_cache import UnitCache
    from activities.scans.scanners.registry import image_scanners, remote_scanners, root_scanners, scanners
    from activities.scans.secret_hashing import Masked, installation_key
    from activities.source.mirrors import Mirrors
    from workers.client.local_scans import Documents, LocalScanning

    key = installation_key(settings.scan_key)
    given = settings.tools, settings.vulnerabilities, Masked(key)
    adapters = {**scanners(*given), **image_scanners(*given), **remote_scanners(*given), **root_scanners(*given)}
    documents, cache = Documents(), None if again else FolderCache(settings.home / "scans")
    units = None if again else UnitCache(settings.home / "scans" / "units", key)
    local = LocalScan(Scanning(adapters, documents.keep, cache, units), Mirrors(settings.mirrors), progress)
    return LocalScanning(local, adapters, documents, lambda: open_attestor(settings), settings, progress)


def activities_of(*owners: object) -> list[Activity]:
    """All activities that Temporal may call."""
    found = [method for owner in owners for _, method in inspect.getmembers(owner, callable)]
    return [method for method in found if hasattr(method, "__temporal_activity_definition")]
