"""Exports a cluster to files for scanners: workloads, RBAC and configuration, without secrets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import yaml

from activities.kubernetes.port import ObjectApi
from activities.supply_chain.attestations import Attestor
from domain.clusters import running_images as running
from domain.core.documents import Object
from domain.core.errors import SluicewayError
from domain.supply_chain import attestation

UNKNOWN = "SLW944"


def export(api: ObjectApi, folder: Path, namespace: str = "") -> int:
    """One file for each object; returns their number. Kinds that the cluster lacks are skipped."""
    count = 0
    for version, kind in running.SCANNED:
        try:
            found = api.items(version, kind, namespace)
        except SluicewayError as unknown:
            if unknown.code != UNKNOWN:
                raise
            continue
        for one in found:
            if running.looked_at(one):
                _write(folder / running.file_of(one, kind), running.written({"apiVersion": version, **one}, kind))
                count += 1
    return count


def _write(path: Path, manifest: Object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(manifest, sort_keys=False))


def drift(api: ObjectApi, scanned: Callable[[str], bool], namespace: str = "") -> list[str]:
    """Running images that were never scanned here, or differ from what their pods name."""
    return running.drift(running.images(api.items("v1", "Pod", namespace)), scanned)


def signed_here(attestor: Attestor) -> Callable[[str], bool]:
    """Whether this installation has signed a scan or gate verdict of a digest."""

    def scanned(digest: str) -> bool:
        for kind in (attestation.SCAN, attestation.GATE):
            try:
                attestor.statement(kind, digest)
            except ValueError:
                continue
            return True
        return False

    return scanned
