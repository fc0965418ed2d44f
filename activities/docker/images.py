"""Image files: recognising them, and saving images of a Docker daemon."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from activities.core.tar_reader import members

if TYPE_CHECKING:
    import docker.models.images

MAX_LOOKED_AT = 10_000
"""Entries."""
ProgressCallback = Callable[[str], None]
Login = Mapping[str, str]
"""`username` and `password`, as Docker's API has them."""


def is_image(path: Path) -> bool:
    """Whether it is a Docker archive or an OCI layout."""
    if path.is_dir():
        return (path / "oci-layout").is_file() and (path / "index.json").is_file()
    if not path.is_file():
        return False
    try:
        with _decompressed(path) as archive:  # the manifest is at the end of an archive, or at its beginning
            names = (member.name for member in islice(members(archive), MAX_LOOKED_AT))
            return any(name in ("manifest.json", "oci-layout") for name in names)
    except (OSError, EOFError, ValueError, zlib.error):
        return False


def _decompressed(path: Path) -> BinaryIO:
    """As `docker save` and `gzip` write it."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return cast("BinaryIO", gzip.open(path)) if packed else path.open("rb")


def digest(path: Path) -> str:
    """Digest of the archive, or of an OCI layout's index, which references all content by digest."""
    with (path / "index.json" if path.is_dir() else path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True)
class Image:
    """An image of a daemon."""

    id: str
    """`sha256:…` of its configuration."""
    references: tuple[str, ...] = ()
    """`NAME@sha256:…` for each registry it was pushed to or pulled from."""

    @property
    def digests(self) -> dict[str, str]:
        """Name to hexadecimal SHA-256, for all its names."""
        named = {reference: reference.partition("@sha256:")[2] for reference in self.references}
        return {"image": self.id.removeprefix("sha256:"), **named}


def known(
    name: str, pull: str = "never", told: ProgressCallback = lambda words: None, login: Login | None = None
) -> Image:
    """The image in the local daemon, after pulling it if needed. `login`: None: this machine's of Docker.

    Raises:
        SluicewayError: SLW839, SLW847 or SLW848, no daemon answers, or the image is missing and cannot be pulled.
    """
    from activities.docker.daemon import connected, present

    with connected() as client:
        present(client, name, pull, told, login)
        return _image(client.images.get(name))


def _image(found: docker.models.images.Image) -> Image:
    return Image(str(found.id), tuple(found.attrs.get("RepoDigests") or ()))


def save(
    name: str,
    target: Path,
    pull: str = "never",
    told: ProgressCallback = lambda words: None,
    login: Login | None = None,
) -> Image:
    """Writes an image of the local daemon as a Docker archive, after pulling it if needed. `login`: as of `known`.

    Raises:
        SluicewayError: SLW839, SLW847 or SLW848, no daemon answers, or the image is missing and cannot be pulled.
    """
    from activities.docker.daemon import connected, present

    with connected() as client:
        present(client, name, pull, told, login)
        found = client.images.get(name)
        with target.open("wb") as out:
            for chunk in found.save(named=True):
                told(f"reads {name}")
                out.write(chunk)
        return _image(found)
