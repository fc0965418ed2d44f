"""Downloads the vulnerability database from a registry: a mirror of trivy's own, or another installation's.

The artifact is as trivy publishes it (aquasecurity.github.io/trivy, "Self-hosting"): a manifest with one layer, a
compressed archive of `trivy.db` and `metadata.json`.
"""

from __future__ import annotations

import gzip
import json
import tempfile
import zlib
from pathlib import Path

from activities.core.tar_reader import Kind, Member, members
from activities.supply_chain.oci_registry import Remote
from domain.core.documents import Node, Object
from domain.core.errors import SluicewayError
from domain.core.values import Json

LAYER = "application/vnd.aquasec.trivy.db.layer.v1.tar+gzip"
WANTED = ("trivy.db", "metadata.json")
MAX_LAYER_BYTES = 2_000_000_000
MAX_FILE_BYTES = 8_000_000_000


def pull(reference: str, folder: Path) -> Object:
    """Downloads `REGISTRY/NAME:TAG` (or `@sha256:…`) into trivy's cache folder, atomically; returns its metadata.

    Raises:
        SluicewayError: SLW838, the registry does not answer; SLW857, the artifact is not a database.
    """
    remote = Remote(reference)
    manifest = remote.manifest()
    if manifest is None:
        raise _no_database(reference, "it does not exist")
    layers = [one for one in Node(manifest)["layers"] if one["mediaType"].value == LAYER]
    if len(layers) != 1:
        raise _no_database(reference, f"it has {len(layers)} database layers; expected one")
    target = folder / "db"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        archive, made = Path(scratch) / "layer", Path(scratch) / "db"
        remote.blob_into(layers[0]["digest"].text(), archive, MAX_LAYER_BYTES)
        metadata = _unpacked(archive, made, reference)
        target.mkdir(exist_ok=True)
        for name in WANTED:  # database first: an old date with a new database is the safe order
            (made / name).replace(target / name)
    return metadata


def _unpacked(archive: Path, made: Path, reference: str) -> Object:
    """Only the two expected files are written, whatever else the archive contains."""
    made.mkdir()
    try:
        with gzip.open(archive) as packed:
            for member in members(packed):
                name = member.name.removeprefix("./")
                if name in WANTED and member.kind is Kind.FILE:
                    _written(member, made / name)
        metadata: Json = json.loads((made / "metadata.json").read_bytes())
        if not isinstance(metadata, dict) or metadata.get("Version") != 2 or not (made / "trivy.db").stat().st_size:
            raise ValueError("it is empty, or its schema version is not 2")
    except (OSError, EOFError, ValueError, RecursionError, zlib.error) as wrong:
        raise _no_database(reference, str(wrong)) from wrong
    return metadata


def _written(member: Member, path: Path) -> None:
    if member.size > MAX_FILE_BYTES:
        raise ValueError(f"{member.name} is bigger than {MAX_FILE_BYTES / 1e9:g} GB")
    with path.open("xb") as target:
        for data in member.chunks():
            target.write(data)


def _no_database(reference: str, why: str) -> SluicewayError:
    fix = "name a mirror of trivy's database, such as REGISTRY/trivy-db:2"
    return SluicewayError("SLW857", "this is not a vulnerability database", where=reference, why=why[:200], fix=fix)
