"""`analyse`: the findings of a project, and a summary per file, by which what is unchanged is left out next time."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from domain.scans.dataflow.callers import Callers
from domain.scans.dataflow.circles import circles_of
from domain.scans.dataflow.clearing import CODE, Seeming, cleared, united
from domain.scans.dataflow.dependencies import (
    Summary,
    changes_between,
    digest_of,
    frozen,
    routed_by,
    stale,
    summary_of,
    unsteady_of,
)
from domain.scans.dataflow.entries import enter_module
from domain.scans.dataflow.heat import file_heat, heat_of, imports_of, loads_of
from domain.scans.dataflow.machine import Machine
from domain.scans.dataflow.models.rules import RULES
from domain.scans.dataflow.project import ModuleInfo, Project
from domain.scans.dataflow.rehearsed import rehearsed
from domain.scans.dataflow.reporting import Hit, finding
from domain.scans.dataflow.unsteady import using
from domain.scans.findings.model import Cleared, Finding


@dataclass(frozen=True)
class Analysis:
    """All findings, in the order of files and lines, and the summaries to keep."""

    findings: tuple[Finding, ...]
    summaries: dict[str, Summary]
    settled: frozenset[tuple[str, int, bool]] = frozenset()
    """Functions all of whose callers are known, by path and line, and whether for what is run as code."""
    steps: int = field(default=0, compare=False)
    """What it took."""
    rebuilt: bool = False
    """A file puts something else in the place of Python's own functions: nothing is cleared."""

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
        if self.rebuilt:
            return ()
        every = self.summaries.values()
        seeming = [each for one in every for each in one.seeming]
        clear = [one.cleared for one in seeming if _settled(one) in self.settled]
        unclear = [one.cleared for one in seeming if _settled(one) not in self.settled]
        skipped = {function for one in every for function in one.skipped}
        spans = [(path, *span) for path, name in skipped for span in self.summaries[path].spans.get(name, ())]
        clear += [each for one in every for each in one.clear]
        unclear += [each for one in every for each in one.unclear]
        return united(clear, unclear, spans)


def analyse(files: Mapping[str, str], known: Mapping[str, Summary] | None = None) -> Analysis:
    """Analyses Python sources by path.

    `known` holds the summaries of an earlier analysis: what has not changed, and depends on nothing that has, is not
    even parsed, and its findings are taken over. The result is the same as without `known`.
    """
    was_on = gc.isenabled()
    gc.disable()  # syntax trees and states are millions of objects without cycles
    try:
        return _analysed(files, known or {})
    finally:
        if was_on:
            gc.enable()


def _analysed(files: Mapping[str, str], known: Mapping[str, Summary]) -> Analysis:
    project = Project(files)
    bare = {path: _bare(project, path, text, known.get(path)) for path, text in files.items()}
    heats = {path: one.heat for path, one in bare.items()}
    heat = heat_of(heats, imports_of(heats, project))
    project.circles = circles_of(loads_of(heats, project))
    lines: dict[str, list[int]] = {path: [] for path in files}
    for path, line in heat.warm:
        lines[path].append(line)
    bare = {path: _warmed(one, tuple(sorted(lines[path]))) for path, one in bare.items()}
    project.unsteady, project.routed = unsteady_of(bare), routed_by(bare)
    again = _again(known, bare, files)
    machine = Machine(project, heat)
    found = {path: _entered(machine, project, one) if path in again else one for path, one in sorted(bare.items())}
    summaries = {path: _loaded(machine, path, one) for path, one in found.items()}
    every = rehearsed(_united(one.findings for one in summaries.values()), summaries, files)
    rebuilt = any(map(_REBUILDS.search, files.values()))
    return Analysis(every, summaries, _all_known(project, files, summaries), machine.meter.total, rebuilt)


_REBUILDS = re.compile(
    r"\b(?:__builtins__|builtins)\s*(?:\.\s*\w+\s*(?:[:,][^=\n]{0,200})?=(?!=)|\.\s*__dict__|\[)"
    r"|\b(?:setattr|delattr|patch|vars|update)\s*\(\s*[\"']?(?:__builtins__|builtins)\b"
    r"|\bimport\s+builtins\s+as\b|\bfrom\s+builtins\s+import\b"
)
"""A change of the module `builtins`, or another name for it."""


def _all_known(
    project: Project, files: Mapping[str, str], summaries: Mapping[str, Summary]
) -> frozenset[tuple[str, int, bool]]:
    """Functions whose sinks seem clear, and all of whose callers are known; none where something was not followed."""
    every = summaries.values()
    wanted = {_settled(one) for summary in every for one in summary.seeming}
    if not wanted or any(one.broken or one.cut for one in every):
        return frozenset()
    callers = Callers(project, files, (site for one in every for site in one.sites))
    return frozenset(one for one in wanted if callers.are_known(one[0], one[1], code=one[2]))


def _settled(one: Seeming) -> tuple[str, int, bool]:
    return one.cleared.path, one.function, one.cleared.cwe == RULES[CODE].cwe


def _again(known: Mapping[str, Summary], now: Mapping[str, Summary], files: Mapping[str, str]) -> frozenset[str]:
    """Files whose functions must run again."""
    before, after = unsteady_of(known), unsteady_of(now)
    routes = routed_by(known), routed_by(now)
    if bool(routes[0]) != bool(routes[1]):
        return frozenset(now)
    users = using(files, before.differing(after) | routes[0] ^ routes[1]) | before.wild ^ after.wild
    changes = changes_between(known, now)
    changes = replace(changes, files=changes.files | users, shells=changes.shells | users)
    return changes.files | stale(known, changes)


def _bare(project: Project, path: str, text: str, earlier: Summary | None) -> Summary:
    """A file as it is: the earlier summary where its text is the same, else one without findings."""
    digest = digest_of(text)
    if earlier is not None and earlier.digest == digest:
        return earlier
    module = project.module(path)
    if module is None:
        return Summary(digest, path, broken=project.broken[path])
    return summary_of(module, digest, file_heat(module, project))


def _warmed(one: Summary, lines: tuple[int, ...]) -> Summary:
    return one if one.warm == lines else replace(one, warm=lines)


def _names(functions: Iterable[tuple[str, str]], module: ModuleInfo) -> tuple[str, ...]:
    return tuple(sorted(name for path, name in functions if path == module.path))


def _entered(machine: Machine, project: Project, one: Summary) -> Summary:
    module = project.module(one.path)
    if module is None:
        return one
    machine.begin(module)
    enter_module(machine, module)
    hits = machine.finish(module)
    sinks = cleared(machine.sinks(module))
    return replace(
        one,
        entered=frozen(machine.links.touched),
        findings=tuple(map(finding, _sorted(hits))),
        cut=_names(machine.cut, module),
        urgent=_names(machine.urgent, module),
        clear=sinks.clear,
        unclear=sinks.unclear,
        seeming=sinks.seeming,
        sites=machine.calls() if sinks.seeming else (),
        skipped=tuple(sorted(machine.skipped)),
    )


def _loaded(machine: Machine, path: str, one: Summary) -> Summary:
    touched = machine.links.loaded.get(path)
    return replace(one, loaded=frozen(touched)) if touched is not None else one


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
