"""An image with this machine's own Python and some files, and its push to a registry, for where none can be pulled.

Format: https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import subprocess
import sys
import sysconfig
import tarfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from activities.supply_chain.oci_registry import CONFIG, MANIFEST, Remote
from domain.core.documents import Manifest

LAYER = "application/vnd.oci.image.layer.v1.tar"
LEFT_OUT = re.compile(
    r"/(site-packages|test|tests|idlelib|tkinter|turtledemo|ensurepip|lib2to3|__pycache__|config-[^/]*)(/|$)"
)
"""Of the standard library: what no service imports, and it is most of it."""
_LIBRARY = re.compile(r"=> (/\S+) \(0x|^\s*(/\S+) \(0x", re.MULTILINE)


def push(repository: str, files: Mapping[str, bytes], command: tuple[str, ...], env: Mapping[str, str]) -> str:
    """Pushes an image of Python and the files (path to content), and returns `REPOSITORY@sha256:...`.

    The same input gives the same digest. `command`: arguments of the Python program.

    Raises:
        SluicewayError: SLW838, the registry failed.
    """
    layers = (python_layer(), layer(files))
    config = {
        "architecture": "amd64",
        "os": "linux",
        "config": {
            "Entrypoint": [str(_program()), *command],
            "Env": [f"{name}={value}" for name, value in env.items()],
            "User": "65534",
            "WorkingDir": "/srv",
        },
        "rootfs": {"type": "layers", "diff_ids": [_digest(one) for one in layers]},
    }
    body, remote = json.dumps(config, sort_keys=True).encode(), Remote(repository)
    for data in (*layers, body):
        remote.put_blob(data, _descriptor(data))
    manifest: Manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": _descriptor(body, CONFIG),
        "layers": [_descriptor(one, LAYER) for one in layers],
    }
    digest = _digest(json.dumps(manifest).encode())
    remote.put_manifest(digest, manifest)
    return f"{repository}@{digest}"


def layer(files: Mapping[str, bytes]) -> bytes:
    """A layer of plain files, readable for all."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in sorted(files.items()):
            _add(archive, name.lstrip("/"), data, 0o644)
    return out.getvalue()


@cache
def python_layer() -> bytes:
    """The running Python with its standard library and the shared libraries of both; about 50 MB."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        folder = tarfile.TarInfo("tmp")
        folder.type, folder.mode = tarfile.DIRTYPE, 0o1777
        archive.addfile(folder)
        for path in sorted(set(_files())):
            _add(archive, str(path).lstrip("/"), path.read_bytes(), 0o755 if path.stat().st_mode & 0o100 else 0o644)
    return out.getvalue()


def _files() -> Iterator[Path]:
    library = Path(sysconfig.get_path("stdlib"))
    modules = [
        one for one in library.rglob("*") if one.is_file() and not LEFT_OUT.search(str(one.relative_to(library.parent)))
    ]
    yield _program()
    yield from modules
    for path in [_program(), *(one for one in modules if one.suffix == ".so")]:
        yield from _libraries(path)


def _libraries(path: Path) -> Iterator[Path]:
    """What the dynamic linker loads for it, under the names by which it asks."""
    said = subprocess.run(["ldd", str(path)], capture_output=True, text=True, check=False).stdout
    for found in _LIBRARY.finditer(said):
        yield Path(found[1] or found[2])


def _program() -> Path:
    return Path(sys.executable).resolve()


def _add(archive: tarfile.TarFile, name: str, data: bytes, mode: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(data), mode
    archive.addfile(entry, io.BytesIO(data))


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def _descriptor(data: bytes, kind: str = "application/octet-stream") -> Manifest:
    return {"mediaType": kind, "digest": _digest(data), "size": len(data)}
