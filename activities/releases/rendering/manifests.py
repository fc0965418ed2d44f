"""Plain manifests: files and folders of a checkout, in their order; a folder's files by name."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from activities.releases.rendering.port import MAX_TEXT, Renderer, Text
from domain.core.errors import SluicewayError
from domain.releases.deploy_spec import DeploySpec
from domain.releases.kubernetes.place import KubernetesSpec

CODE = "SLW965"
MAX_FILES = 200
SUFFIXES = (".yaml", ".yml", ".json")


class Manifests(Renderer):
    """Reads what is there: links that lead out of the checkout lead to nothing."""

    async def texts(self, checkout: Path, spec: DeploySpec) -> list[Text]:
        """One text for each file."""
        source = (spec.kubernetes or KubernetesSpec()).source
        root = checkout.resolve()
        paths = [one for name in source.paths for one in _files(inside(root, name), name)]
        if len(paths) > MAX_FILES:
            raise SluicewayError(CODE, f"there are {len(paths):,} files of manifests, and at most {MAX_FILES} are read")
        left, found = MAX_TEXT, []
        for path in paths:
            name = path.relative_to(root).as_posix()
            data = _read(inside(root, name), name, left)
            left -= len(data)
            found.append(Text(name, data))
        return found


def inside(root: Path, name: str) -> Path:
    """The place of a path in a checkout, behind its links.

    Raises:
        SluicewayError: SLW965, it is not there, or leads out of the checkout.
    """
    try:
        found = (root / name).resolve(strict=True)
    except (OSError, RuntimeError) as missing:
        raise SluicewayError(CODE, f"{name} is not in the commit") from missing
    if not found.is_relative_to(root):
        raise SluicewayError(
            CODE, f"{name} leads out of the repository", fix="put what it links to into the repository"
        )
    return found


def _files(path: Path, name: str) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    found = sorted(one for one in path.iterdir() if one.suffix in SUFFIXES)
    if not found:
        raise SluicewayError(CODE, f"{name} has no manifests", fix=f"its files end with {', '.join(SUFFIXES)}")
    yield from found


def _read(path: Path, name: str, most: int) -> bytes:
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise SluicewayError(CODE, f"{name} is no file")
        data = file.read(most + 1)
    if len(data) > most:
        raise SluicewayError(CODE, f"the manifests have more than {MAX_TEXT:,} bytes")
    return data
