"""The environment of every scanner: a private home, no user settings, no telemetry; and digests of its installation."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from domain.core.documents import Node
from domain.core.values import Json
from domain.scans.failures import ScannerFailed

MAX_REPORT_BYTES = 150_000_000
REPOSITORY = ".git"
"""The folder of the repository that the target itself is: its commits are scanned, not its files."""


def environment(scratch: Path) -> dict[str, str]:
    """The environment variables of a scanner; none of the user's are passed on."""
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(scratch / "home"),
        "TMPDIR": str(scratch / "home"),
        "LANG": "C.UTF-8",
        "GIT_DIR": os.devnull,  # a tool that calls git in what it scans would run what the settings there name
        "NO_COLOR": "1",
        "SEMGREP_SEND_METRICS": "off",
        "SEMGREP_ENABLE_VERSION_CHECK": "0",
    }


def report_of(path: Path) -> Node:
    """A tool's JSON report: an object, or a list of objects.

    Raises:
        ScannerFailed: missing, too big, or malformed.
    """
    found = _json(path)
    if not isinstance(found, dict):
        raise ScannerFailed(f"its report is {type(found).__name__} instead of dict")
    return Node(found)


def reports_of(path: Path) -> list[Node]:
    """As `report_of`, for a list of objects.

    Raises:
        ScannerFailed: missing, too big, or malformed.
    """
    found = _json(path)
    if not isinstance(found, list):
        raise ScannerFailed(f"its report is {type(found).__name__} instead of list")
    if not all(isinstance(one, dict) for one in found):
        raise ScannerFailed("its report is not a list of objects")
    return [Node(one) for one in found]


def _json(path: Path) -> Json:
    try:
        size = path.stat().st_size
        if size > MAX_REPORT_BYTES:
            raise ScannerFailed(f"its report has {size:,} bytes, and at most {MAX_REPORT_BYTES:,} are read")
        found: Json = json.loads(path.read_bytes())
    except OSError as missing:
        raise ScannerFailed(f"no report ({missing.strerror})") from missing
    except (ValueError, RecursionError) as broken:
        raise ScannerFailed(f"its report is not JSON: {type(broken).__name__}: {str(broken)[:200]}") from broken
    return found


def relative(path: str, target: Path) -> str:
    """The path relative to the repository."""
    try:
        return Path(path).resolve().relative_to(target).as_posix()
    except ValueError:
        return path


def names(paths: Iterable[Path], target: Path) -> frozenset[str]:
    """Paths below the target as findings and sets of files have them."""
    return frozenset(path.relative_to(target).as_posix() for path in paths)


def files(target: Path) -> Iterator[Path]:
    """Regular files; links are not followed, so nothing outside is read."""
    for folder, folders, names in os.walk(target):
        folders[:] = sorted(name for name in folders if name != REPOSITORY or Path(folder) != target)
        for name in sorted(names):
            path = Path(folder, name)
            if path.is_file() and not path.is_symlink():
                yield path


def with_suffix(target: Path, suffixes: Iterable[str]) -> list[Path]:
    """Files below the target whose names end in one of the suffixes."""
    wanted = tuple(suffixes)
    return [path for path in files(target) if path.name.endswith(wanted)]


def installed(python: Path, package: str) -> Path | None:
    """The folder in which an installer recorded its files with digests."""
    return next((python.parent.parent / "lib").glob(f"python3*/site-packages/{package}-*.dist-info"), None)


def version(python: Path, package: str) -> str:
    """Version of a package in a Python environment; empty when it is not installed."""
    folder = installed(python, package)
    return folder.name.removeprefix(f"{package}-").removesuffix(".dist-info") if folder else ""


def tool_digest(python: Path, package: str) -> str:
    """Digest of the installer's file list."""
    folder = installed(python, package)
    return digest_of([folder / "RECORD"]) if folder else ""


def digest_of(paths: Iterable[Path]) -> str:
    """Digest of the files in this order; empty when one is missing."""
    total = hashlib.sha256()
    for path in paths:
        try:
            found = path.stat()
            total.update(_digest(path, found.st_size, found.st_mtime_ns))
        except OSError:
            return ""
    return total.hexdigest()


@lru_cache(maxsize=64)
def _digest(path: Path, size: int, mtime_ns: int) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
