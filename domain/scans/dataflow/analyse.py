"""`analyse`: the findings of a project, and a summary per file, by which what is unchanged is left out next time."""

from __future__ import annotations

import ast
import gc
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from domain.scans.dataflow.clearing import cleared, united
from domain.scans.dataflow.entries import enter_module
from domain.scans.dataflow.heat import heat_of
from domain.scans.dataflow.machine import Machine
from domain.scans.dataflow.project import ModuleInfo, Project
from domain.scans.dataflow.reporting import Hit, finding
from domain.scans.findings.model import Cleared, Finding

ELSEWHERE = "*"
"""In place of a path: names that a file has, and that some file of the project changes."""


@dataclass(frozen=True)
class Summary:
    """What one file brings; it holds as long as the digests do.

    `depends`: every file that its imports reach, with a digest; `findings`: those whose way starts in this file, though
    they may end in another.
    """

    digest: str
    depends: dict[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    broken: str = ""
    """Why it was not parsed."""
    cut: tuple[str, ...] = ()
    """Functions that took too many steps to be followed to their end."""
    clear: tuple[Cleared, ...] = ()
    """Lines of sinks that nothing of a stranger's gets into, as far as it is seen from this file."""
    unclear: tuple[Cleared, ...] = ()


@dataclass(frozen=True)
class Analysis:
    """All findings, in the order of files and lines, and the summaries to keep."""

    findings: tuple[Finding, ...]
    summaries: dict[str, Summary]

    @property
    def broken(self) -> dict[str, str]:
        """Files that were not parsed, with the reason."""
        return {path: one.broken for path, one in self.summaries.items() if one.broken}

    @property
    def cut(self) -> tuple[str, ...]:
        """Functions that were not followed to their end, as `path: name`."""
        return tuple(f"{path}: {name}" for path, one in self.summaries.items() for name in one.cut)

    @property
    def cleared(self) -> tuple[Cleared, ...]:
        """Lines of sinks that nothing of a stranger's gets into, wherever they are called from."""
        every = self.summaries.values()
        return united((c for one in every for c in one.clear), (c for one in every for c in one.unclear))


def analyse(files: Mapping[str, str], known: Mapping[str, Summary] | None = None) -> Analysis:
    """Analyses Python sources by path.

    `known` holds summaries of an earlier analysis: a file whose text and whose imported files are the same is not
    interpreted again, and its findings are taken over. The result is the same as without `known`; an empty one makes
    summaries that can be used again.
    """
    was_on = gc.isenabled()
    gc.disable()  # syntax trees and states are millions of objects without cycles
    try:
        return _analysed(files, known or {}, known is not None)
    finally:
        if was_on:
            gc.enable()


def _analysed(files: Mapping[str, str], known: Mapping[str, Summary], again: bool) -> Analysis:
    digests = {
        path: hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest()
        for path, text in files.items()
    }
    project = Project(files)
    imports = {path: _imports(project, module) for path, module in project.modules.items()}
    reach = _reachable(imports)
    changed = {path: project.unsteady.used_in(files[path]) for path in project.modules} if again else None
    machine = Machine(project, heat_of(project.modules, imports))
    summaries: dict[str, Summary] = {}
    for path in sorted(files):
        if path in project.broken:
            summaries[path] = Summary(digests[path], broken=project.broken[path])
            continue
        depends = {one: digests[one] for one in sorted(reach[path])}
        if changed is not None:
            depends[ELSEWHERE] = " ".join(sorted(frozenset().union(*(changed[one] for one in (path, *reach[path])))))
        earlier = known.get(path)
        if earlier is not None and earlier.digest == digests[path] and earlier.depends == depends:
            summaries[path] = earlier
            continue
        summaries[path] = _entered(machine, project.modules[path], digests[path], depends)
    return Analysis(_united(one.findings for one in summaries.values()), summaries)


def _entered(machine: Machine, module: ModuleInfo, digest: str, depends: dict[str, str]) -> Summary:
    machine.begin(module)
    enter_module(machine, module)
    hits, cut = machine.finish(module)
    clear, unclear = cleared(machine.sinks(module))
    return Summary(digest, depends, tuple(map(finding, _sorted(hits))), cut=cut, clear=clear, unclear=unclear)


def _sorted(hits: Iterable[Hit]) -> list[Hit]:
    return sorted(hits, key=lambda one: (one.path, one.line, one.rule, one.rank))


def _united(groups: Iterable[tuple[Finding, ...]]) -> tuple[Finding, ...]:
    """One finding per rule and place: the most severe, then the one with the shortest way."""
    found: dict[tuple[str, int, str], Finding] = {}
    for group in groups:
        for one in group:
            key = (one.path, one.line, one.rule)
            other = found.get(key)
            if other is None or _preference(one) < _preference(other):
                found[key] = one
    return tuple(found[key] for key in sorted(found))


def _preference(one: Finding) -> tuple[int, int, str]:
    return (-one.severity.rank, len(one.trace), repr(one.trace))


def _reachable(direct: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """Per file, all files that its imports reach."""
    found: dict[str, frozenset[str]] = {}
    for path in direct:
        seen, todo = {path}, [path]
        while todo:
            for one in direct.get(todo.pop(), ()):
                if one not in seen:
                    seen.add(one)
                    todo.append(one)
        found[path] = frozenset(seen - {path})
    return found


def _imports(project: Project, module: ModuleInfo) -> frozenset[str]:
    names: set[str] = set()
    for node in module.imports:
        if isinstance(node, ast.Import):
            names |= {part for one in node.names for part in _prefixes(one.name)}
        else:
            name = project.relative(module, node.level, node.module or "") if node.level else node.module or ""
            names |= {name, *(f"{name}.{one.name}" if name else one.name for one in node.names)}
    found = (project.find(name, module) for name in names if name)
    return frozenset(one.path for one in found if one is not None)


def _prefixes(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[: end + 1]) for end in range(len(parts))]
