"""The part of the composition root that commands use without a worker: nothing of a worker is loaded for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from activities.storage.port import Store
from workers.core.settings import Settings

if TYPE_CHECKING:
    from activities.clusters.port import Provider
    from activities.scans.port import Scanner
    from activities.supply_chain.attestations import Attestor
    from domain.scans.findings.model import ScanReport
    from workers.client.local_scans import LocalScanning


def open_objects(settings: Settings) -> Store:
    """Where objects are kept by their digests.

    Raises:
        DefinitionError: SLUICEWAY_STORE names no known kind of store.
    """
    from activities.storage.stores.registry import open_store

    return open_store(settings.store_address, settings.store, settings.store_endpoint)


def open_attestor(settings: Settings) -> Attestor:
    """Reads what this installation has signed, and signs with its key."""
    from activities.supply_chain.attestations import Attestor
    from activities.supply_chain.signing import FileSigner
    from workers.core.records import open_records

    return Attestor(FileSigner(settings.signing_key), open_records(settings).attestations, open_objects(settings))


def cluster_providers(settings: Settings) -> Mapping[str, Provider]:
    """Every provider of clusters by its name."""
    from activities.clusters.providers.registry import providers

    return providers(settings.clusters, settings.built)


def pipeline_scanners(settings: Settings) -> Mapping[str, Scanner]:
    """The scanners of folders by their names, without masking."""
    from activities.scans.scanners.registry import scanners

    return scanners(settings.tools, settings.vulnerabilities)


def report_format(name: str) -> Callable[[ScanReport], str]:
    """How a report is written in a format. Raises KeyError for one that there is not."""
    from activities.scans.formats.registry import FORMATS

    return FORMATS[name]


def local_scanning(settings: Settings, told: Callable[[str], None], *, again: bool = False) -> LocalScanning:
    """Scans on this machine, with every scanner there is. `again`: reports that are known are not used."""
    from activities.scans.local_scan import LocalScan
    from activities.scans.result_cache import FolderCache
    from activities.scans.scan_runner import Scanning
    from activities.scans.scanners.registry import image_scanners, remote_scanners, root_scanners, scanners
    from activities.scans.secret_hashing import Masked, installation_key
    from activities.source.mirrors import Mirrors
    from workers.client.local_scans import Documents, LocalScanning

    given = settings.tools, settings.vulnerabilities, Masked(installation_key(settings.scan_key))
    adapters = {**scanners(*given), **image_scanners(*given), **remote_scanners(*given), **root_scanners(*given)}
    documents, cache = Documents(), None if again else FolderCache(settings.home / "scans")
    local = LocalScan(Scanning(adapters, documents.keep, cache), Mirrors(settings.mirrors), told)
    return LocalScanning(local, adapters, documents, lambda: open_attestor(settings), settings, told)
