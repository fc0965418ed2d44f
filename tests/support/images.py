"""Small images made by hand, the same bytes each time: docker archives and OCI layouts."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path

DEBIAN = {
    "etc/os-release": b'ID=debian\nVERSION_ID="12"\n',
    "etc/debian_version": b"12.7\n",
    "var/lib/dpkg/status": b"Package: openssl\nStatus: install ok installed\nMaintainer: nobody <x@example.org>\n"
    b"Architecture: amd64\nVersion: 3.0.9-1\nDescription: test\n\n",
}
BROOK = {"app/brook-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: brook\nVersion: 1.0\n"}


def _layer(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in sorted(files.items()):
            _add(archive, name, data)
    return out.getvalue()


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(data)
    archive.addfile(entry, io.BytesIO(data))


def _config(layers: list[bytes]) -> bytes:
    ids = [f"sha256:{hashlib.sha256(layer).hexdigest()}" for layer in layers]
    history = [{"created_by": f"layer {index}"} for index in range(len(layers))]
    made = {
        "architecture": "amd64",
        "os": "linux",
        "config": {},
        "rootfs": {"type": "layers", "diff_ids": ids},
        "history": history,
    }
    return json.dumps(made).encode()


def docker_archive(path: Path, *layers: Mapping[str, bytes]) -> Path:
    made = [_layer(files) for files in layers]
    config = _config(made)
    names = [f"{hashlib.sha256(layer).hexdigest()}/layer.tar" for layer in made]
    name = f"{hashlib.sha256(config).hexdigest()}.json"
    with tarfile.open(path, "w") as archive:
        _add(archive, name, config)
        for layer, data in zip(names, made, strict=True):
            _add(archive, layer, data)
        listed = [{"Config": name, "RepoTags": ["test:1"], "Layers": names}]
        _add(archive, "manifest.json", json.dumps(listed).encode())
    return path


def oci_layout(path: Path, *layers: Mapping[str, bytes]) -> Path:
    blobs = path / "blobs" / "sha256"
    blobs.mkdir(parents=True)

    def blob(data: bytes, kind: str) -> dict[str, object]:
        digest = hashlib.sha256(data).hexdigest()
        (blobs / digest).write_bytes(data)
        return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": f"sha256:{digest}", "size": len(data)}

    made = [_layer(files) for files in layers]
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": blob(_config(made), "config.v1+json"),
        "layers": [blob(gzip.compress(layer, mtime=0), "layer.v1.tar+gzip") for layer in made],
    }
    index = {"schemaVersion": 2, "manifests": [blob(json.dumps(manifest).encode(), "manifest.v1+json")]}
    (path / "index.json").write_text(json.dumps(index))
    (path / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    return path
