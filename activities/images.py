"""Images as files: told apart from other files, and taken out of a Docker daemon."""

from __future__ import annotations

import hashlib
import tarfile
from pathlib import Path

from domain.errors import SluicewayError


def is_image(path: Path) -> bool:
    """Whether it is a docker archive or an OCI layout."""
    if path.is_dir():
        return (path / "oci-layout").is_file() and (path / "index.json").is_file()
    if not path.is_file():
        return False
    try:
        with tarfile.open(path) as archive:
            for _ in range(10_000):  # the list of an archive stands at its end or at its beginning
                member = archive.next()
                if member is None:
                    return False
                if member.name in ("manifest.json", "oci-layout"):
                    return True
    except (tarfile.TarError, OSError, EOFError, ValueError):
        return False
    return False


def digest(path: Path) -> str:
    """Of the archive, or of an OCI layout's index, which names everything in it by digest."""
    with (path / "index.json" if path.is_dir() else path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def save(name: str, target: Path) -> None:
    """Writes an image of the local daemon as a docker archive.

    Raises:
        SluicewayError: SLW852, no daemon answers, or it has no such image.
    """
    import docker
    from docker.errors import DockerException

    try:
        client = docker.from_env()
        try:
            with target.open("wb") as out:
                for chunk in client.images.get(name).save(named=True):
                    out.write(chunk)
        finally:
            client.close()
    except DockerException as broken:
        fix = "give a path, or docker save it to a file and scan that"
        what = f"'{name}' is no path, and no image of a local Docker daemon"
        raise SluicewayError("SLW852", what, why=str(broken)[:300], fix=fix) from broken
