"""The corpus as lines that know which labelled findings they hold, and what a scanner would say of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from domain.scans.findings.location import Source, located
from domain.scans.findings.model import Finding, FindingKind, Severity
from tests import corpus


@dataclass(frozen=True)
class Line:
    text: str
    ids: tuple[int, ...] = ()
    what: tuple[str, ...] = ()
    kind: FindingKind = FindingKind.SAST


File = tuple[Line, ...]


@dataclass
class Tree:
    files: dict[str, File]
    next_id: int = 1_000_000
    """Ids from here on are of findings that the baseline does not have."""

    def new_id(self) -> int:
        self.next_id += 1
        return self.next_id

    def weak(self, chosen: Callable[[str], bool] = lambda path: True) -> list[tuple[str, int]]:
        return [(path, at) for path, file in self.files.items() if chosen(path) for at, x in enumerate(file) if x.ids]


def original() -> Tree:
    return Tree(dict(_labelled()))


@cache
def _labelled() -> dict[str, File]:
    files: dict[str, File] = {}
    number = 0
    for label in corpus.labels("."):
        files.setdefault(label.path, _read(label.path))
        if label.weak:
            number += 1
            file = list(files[label.path])
            one = file[label.line - 1]
            file[label.line - 1] = replace(
                one, ids=(*one.ids, number), what=(*one.what, label.what), kind=corpus.kind(label.path)
            )
            files[label.path] = tuple(file)
    return files


def _read(path: str) -> File:
    return tuple(Line(corpus.bare(line)) for line in (corpus.ROOT / path).read_text().splitlines())


@lru_cache(maxsize=4_000)
def _found(path: str, file: File) -> tuple[tuple[int, Finding], ...]:
    source = Source(path, "\n".join(line.text for line in file))
    found = []
    for number, line in enumerate(file, 1):
        for id_, what in zip(line.ids, line.what, strict=True):
            one = Finding(
                tool="label",
                rule=what,
                kind=line.kind,
                severity=Severity.HIGH,
                message="",
                path=path,
                line=number,
                cwe=what,
            )
            if line.kind is FindingKind.SECRET:
                one = replace(one, secret=corpus.secret(line.text))
            if line.kind is FindingKind.VULNERABILITY:
                one = replace(one, package=corpus.package(line.text))
            found.append((id_, located(one, source)))
    return tuple(found)


def findings(tree: Tree) -> list[tuple[int, Finding]]:
    return [one for path in sorted(tree.files) for one in _found(path, tree.files[path])]
