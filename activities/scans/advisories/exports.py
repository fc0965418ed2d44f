"""Reads advisory exports: folders, zip files, JSON and YAML, one entry or many. Untrusted."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from domain.core.errors import SluicewayError
from domain.core.values import Json

if TYPE_CHECKING:
    from yaml import CSafeLoader

MAX_ENTRY_BYTES = 20_000_000
MAX_TOTAL_BYTES = 8_000_000_000
"""Limit of all unpacked entries of an archive, against zip bombs."""
_SUFFIXES = (".json", ".yaml", ".yml")


def entries(source: Path) -> Iterator[tuple[str, Json]]:
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


def _zipped(source: Path) -> Iterator[tuple[str, Json]]:
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


@cache
def _loader() -> type[CSafeLoader]:
    """Gives what JSON has: a time stays the text that it is."""
    import yaml

    class Loader(yaml.CSafeLoader):
        yaml_implicit_resolvers = {
            first: [(tag, pattern) for tag, pattern in known if tag != "tag:yaml.org,2002:timestamp"]
            for first, known in yaml.CSafeLoader.yaml_implicit_resolvers.items()
        }

    return Loader


def _parsed(where: str, data: bytes) -> Iterator[tuple[str, Json]]:
    if where.endswith((".yaml", ".yml")):
        import yaml

        try:
            value: Json = yaml.load(data, Loader=_loader())  # noqa: S506  (a safe loader)
        except yaml.YAMLError as broken:
            raise ValueError(f"{where}: {broken}") from broken
    else:
        try:
            value = json.loads(data)
        except ValueError as broken:
            raise ValueError(f"{where}: {broken}") from broken
    for one in value if isinstance(value, list) else [value]:
        yield where, one
