"""A pytest plugin: what loading the suite costs, which each process does again, is kept small."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
IRIS = "rfc3987_syntax"


def pytest_configure(config: pytest.Config) -> None:
    sys.modules.setdefault(IRIS, _Iris(IRIS))


def pytest_collection(session: pytest.Session) -> None:
    """Each process loads another part of the files first, so that it finds the rest compiled by the others.

    In a fresh checkout two thirds of the time would go into compiling what all processes compile at once.
    """
    worker = getattr(session.config, "workerinput", None)
    if worker is None:
        return
    number, processes = int(worker["workerid"].removeprefix("gw")), int(worker["workercount"])
    files = (path for path in _files(session.config.args) if not _ignored(path, session.config))
    for path in share(files, number, processes):
        with contextlib.suppress(BaseException):  # collection comes to the same module, and tells what is wrong with it
            import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))


def share(files: Iterable[Path], number: int, processes: int) -> list[Path]:
    """Those that are loaded first by one of that many processes."""
    return sorted(files)[number::processes]


def _files(arguments: Iterable[str]) -> set[Path]:
    chosen = {ROOT / argument.partition("::")[0] for argument in arguments}
    return {path for one in chosen for path in ([one] if one.is_file() else one.rglob("test_*.py"))}


def _ignored(path: Path, config: pytest.Config) -> bool:
    folders = [one for one in path.parents if one.is_relative_to(ROOT)]
    return any(config.hook.pytest_ignore_collect(collection_path=one, config=config) for one in (path, *folders))


class _Iris(ModuleType):
    """In place of a library that compiles 38 grammars when jsonschema loads it, for IRIs, which few tests compare.

    That takes more than a second of processor time in each process.
    """

    def is_valid_syntax(self, term: str, value: str) -> bool:
        if sys.modules[IRIS] is self:
            del sys.modules[IRIS]
        valid: bool = import_module(IRIS).is_valid_syntax(term, value)
        return valid
