"""Reads advisory exports: folders, zip files, JSON and YAML, one entry or many. Untrusted."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from domain.core.errors import SluicewayError

MAX_ENTRY_BYTES = 20_000_000
MAX_TOTAL_BYTES = 8_000_000_000
"""Limit of all unpacked entries of an archive, against zip bombs."""
_SUFFIXES = (".json", ".yaml", ".yml")


def entries(source: Path) -> Iterator[tuple[str, Any]]:
    """(source, entry) of each.

    Raises:
        SluicewayError: SLW834, the source or an entry cannot be read.
    """
    try:
        if source.is_dir():
            for path in sorted(source.rglob("*")):
                if path.suffix in _SUFFIXES and path.is_file() and not path.is_symlink():
                    yield from _parsed(str(path), _limited(path))
        elif zipfile.is_zipfile(source):
            yield from _zipped(source)
        else:
            yield from _parsed(str(source), _limited(source))
    except (OSError, zipfile.BadZipFile, ValueError, RecursionError, NotImplementedError, RuntimeError) as broken:
        why = f"{type(broken).__name__}: {broken}"[:300]
        raise SluicewayError("SLW834", "the advisories cannot be read", where=str(source), why=why) from broken


def _limited(path: Path) -> bytes:
    if path.stat().st_size > MAX_ENTRY_BYTES:
        raise ValueError(f"{path.name} has more than {MAX_ENTRY_BYTES:,} bytes")
    return path.read_bytes()


def _zipped(source: Path) -> Iterator[tuple[str, Any]]:
    total = 0
    with zipfile.ZipFile(source) as archive:
        for member in archive.infolist():
            if member.is_dir() or not member.filename.endswith(_SUFFIXES):
                continue
            with archive.open(member) as file:  # the size declared by the archive may be false
                data = file.read(MAX_ENTRY_BYTES + 1)
            total += len(data)
            if len(data) > MAX_ENTRY_BYTES or total > MAX_TOTAL_BYTES:
                raise ValueError(f"{member.filename} exceeds the limit when unpacked")
            yield from _parsed(f"{source.name}:{member.filename}", data)


def _parsed(where: str, data: bytes) -> Iterator[tuple[str, Any]]:
    if where.endswith((".yaml", ".yml")):
        import yaml

        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            value = yaml.load(data, Loader=loader)  # noqa: S506  (a safe loader)
        except yaml.YAMLError as broken:
            raise ValueError(f"{where}: {broken}") from broken
    else:
        try:
            value = json.loads(data)
        except ValueError as broken:
            raise ValueError(f"{where}: {broken}") from broken
    for one in value if isinstance(value, list) else [value]:
        yield where, one
