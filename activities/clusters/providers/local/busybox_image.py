"""Images built from one static program each, as archives for containerd and Docker: for machines that cannot pull."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from pathlib import Path

from activities.core.files import FOR_ALL, replacing
from domain.core.documents import Manifest
from domain.jobs.agent import IMAGE as AGENT

PAUSE = "sluiceway.local/busybox:1"
"""The pause image of pods, and the shell of demos and tests."""
APPLETS = (
    "sh",
    "cat",
    "sleep",
    "echo",
    "wget",
    "httpd",
    "nc",
    "ls",
    "env",
    "id",
    "true",
    "false",
    "test",
    "tar",
    "mkdir",
)


def busybox(path: Path, program: Path) -> Path:
    """The shell of demos and tests, which is the pause image too."""
    if path.exists():
        return path
    config: Manifest = {"Cmd": ["/bin/sh", "-c", "while :; do sleep 3600; done"], "Env": ["PATH=/bin"]}
    return image_of(path, PAUSE, _shell(program.resolve().read_bytes()), config)


def agent(path: Path, program: Path) -> Path:
    """What the init containers of jobs put beside the job's own image (deploy/agent)."""
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as archive:
        _add(archive, "agent", program.read_bytes(), 0o755)
    return image_of(path, AGENT, layer.getvalue(), {"Entrypoint": ["/agent"]})


def image_of(path: Path, tag: str, layer: bytes, settings: Manifest, architecture: str = "amd64") -> Path:
    """In `docker load` format, reproducible: https://github.com/moby/moby/blob/master/image/spec/spec.md"""
    digest = hashlib.sha256(layer).hexdigest()
    config: Manifest = {
        "architecture": architecture,
        "os": "linux",
        "config": settings,
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
    }
    body = json.dumps(config).encode()
    name = f"{hashlib.sha256(body).hexdigest()}.json"
    manifest = json.dumps([{"Config": name, "RepoTags": [tag], "Layers": ["layer.tar"]}]).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path, FOR_ALL) as new, tarfile.open(new, "w") as archive:
        for entry, data in ((name, body), ("layer.tar", layer), ("manifest.json", manifest)):
            _add(archive, entry, data)
    return path


def _shell(program: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for folder, mode in ((".", 0o755), ("bin", 0o755), ("tmp", 0o1777), ("etc", 0o755)):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, mode
            archive.addfile(entry)
        _add(archive, "bin/busybox", program, 0o755)
        for applet in APPLETS:
            link = tarfile.TarInfo(f"bin/{applet}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            archive.addfile(link)
    return out.getvalue()


def _add(archive: tarfile.TarFile, name: str, data: bytes, mode: int = 0o644) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(data), mode
    archive.addfile(entry, io.BytesIO(data))
