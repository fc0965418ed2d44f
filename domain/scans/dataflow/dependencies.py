"""What the findings that start in one file depend on, so that a change elsewhere runs again only what it may alter.

A file has a shell and functions. The shell is all that runs when it is loaded: imports, classes, variables, the heads
of its functions. What a file's functions find depends on the shells of all files that they reach, and on the functions
that they have called.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from domain.scans.dataflow.callers import Site
from domain.scans.dataflow.clearing import Seeming
from domain.scans.dataflow.heat import FileHeat
from domain.scans.dataflow.project import dotted, routed
from domain.scans.dataflow.unsteady import Unsteady
from domain.scans.findings.model import Cleared, Finding

if TYPE_CHECKING:
    from domain.scans.dataflow.project import FuncInfo, ModuleInfo

Function = tuple[str, str]
"""Path of its file, and its qualified name."""


@dataclass
class Touched:
    """What was looked at while a file was loaded, or while its functions ran."""

    functions: set[Function] = field(default_factory=set)
    files: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    """Last parts of the names of modules that were looked for, found or not."""
    whole: set[str] = field(default_factory=set)
    """Files whose circle of imports is in `files` too: they need not be looked up again."""

    def call(self, info: FuncInfo) -> None:
        """A function was called, or looked at and not called."""
        self.functions.add(outermost(info))


def outermost(info: FuncInfo) -> Function:
    """The function of a module or class that a function belongs to."""
    while info.outer is not None:
        info = info.outer
    return info.module.path, info.qualified


@dataclass(frozen=True)
class Frozen:
    """As `Touched`, to be kept. Lists are sorted."""

    functions: tuple[Function, ...] = ()
    files: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


def frozen(one: Touched) -> Frozen:
    """To be kept."""
    return Frozen(tuple(sorted(one.functions)), tuple(sorted(one.files)), tuple(sorted(one.names)))


@dataclass(frozen=True)
class Summary:
    """What one file brings, and what that depends on."""

    digest: str
    path: str
    shell: str = ""
    functions: dict[str, str] = field(default_factory=dict)
    """Qualified name to the digest of its text."""
    spans: dict[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    """Qualified name to first and last line, of all functions of that name."""
    changes: tuple[str, ...] = ()
    """Names that it changes after they were made (`unsteady`); `*`: any of its own."""
    fields: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()
    """Names in its addresses that are handed to views."""
    heat: FileHeat = FileHeat()
    warm: tuple[int, ...] = ()
    """First lines of its functions that may hand their callers something from outside."""
    loaded: Frozen = Frozen()
    entered: Frozen = Frozen()
    findings: tuple[Finding, ...] = ()
    """Those whose way starts in this file, though they may end in another."""
    broken: str = ""
    """Why it was not parsed."""
    cut: tuple[str, ...] = ()
    urgent: tuple[str, ...] = ()
    """Those of `cut` that a stranger's value had reached."""
    """Functions that took too many steps to be followed to their end."""
    clear: tuple[Cleared, ...] = ()
    """Lines of sinks that nothing of a stranger's gets into, as far as it is seen from this file."""
    unclear: tuple[Cleared, ...] = ()
    seeming: tuple[Seeming, ...] = ()
    sites: tuple[Site, ...] = ()
    """Calls that it has followed to sinks that seem clear."""
    skipped: tuple[Function, ...] = ()
    """Functions that it has called and that were not run for it: nothing in them is clear."""


def digest_of(text: str) -> str:
    """Of a source, or a part of one."""
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest()


def summary_of(module: ModuleInfo, digest: str, heat: FileHeat) -> Summary:
    """What a file is, without what is found from it."""
    outer = [one for one in module.functions if one.outer is None]
    texts: dict[str, list[str]] = {}
    spans: dict[str, list[tuple[int, int]]] = {}
    for one in outer:
        first, last = one.node.lineno, one.node.end_lineno or one.node.lineno
        texts.setdefault(one.qualified, []).append("\n".join(module.lines[first - 1 : last]))
        spans.setdefault(one.qualified, []).append((first, last))
    return Summary(
        digest,
        module.path,
        shell=_shell(module, outer),
        functions={name: digest_of("\0".join(parts)) for name, parts in texts.items()},
        spans={name: tuple(found) for name, found in spans.items()},
        changes=tuple(sorted(module.changes)),
        fields=tuple(sorted(module.fields)),
        routes=tuple(sorted(routed("\n".join(module.lines)))),
        heat=heat,
    )


def _shell(module: ModuleInfo, outer: list[FuncInfo]) -> str:
    """Of the file without the bodies of its functions, and without places: lines that moved do not count."""
    bodies = [one.node.body for one in outer]
    try:
        for one in outer:
            one.node.body = []
        return digest_of(ast.dump(module.tree) + repr(sorted(module.imported)))
    except RecursionError:
        return digest_of("\n".join(module.lines))
    finally:
        for one, body in zip(outer, bodies, strict=True):
            one.node.body = body


@dataclass(frozen=True)
class Changes:
    """What is different from the last analysis."""

    files: frozenset[str]
    """Changed, new and removed ones."""
    shells: frozenset[str]
    functions: frozenset[Function]
    names: frozenset[str]
    """Last parts of the module names of new and removed files."""


def changes_between(known: Mapping[str, Summary], now: Mapping[str, Summary]) -> Changes:
    """What a file is by itself, compared. A function that has become warm, or cold, has changed."""
    moved = known.keys() ^ now.keys()
    files, shells, functions = set(moved), set(moved), set()
    for path, one in now.items():
        before = known.get(path)
        if before is None or before is one:
            continue
        files.add(path)
        if before.digest == one.digest:
            functions |= {(path, name) for name in _turned(before, one)}
        elif before.broken or one.broken:
            moved = moved | {path}
            shells.add(path)
        elif before.shell != one.shell:
            shells.add(path)
        else:
            functions |= {(path, name) for name in _rewritten(before, one)}
    names = frozenset(dotted(path).rpartition(".")[2] for path in moved)
    return Changes(frozenset(files), frozenset(shells), frozenset(functions), names)


def unsteady_of(every: Mapping[str, Summary]) -> Unsteady:
    """The names that something in the project changes."""
    return Unsteady(
        frozenset(name for one in every.values() for name in one.changes),
        frozenset(name for one in every.values() for name in one.fields),
        frozenset(path for path, one in every.items() if "*" in one.changes),
    )


def routed_by(every: Mapping[str, Summary]) -> frozenset[str]:
    """The names that the project's addresses hand to views."""
    return frozenset(name for one in every.values() for name in one.routes)


def _rewritten(before: Summary, now: Summary) -> frozenset[str]:
    return frozenset(
        name
        for name in before.functions.keys() | now.functions.keys()
        if before.functions.get(name) != now.functions.get(name) or _warmth(before, name) != _warmth(now, name)
    )


def _turned(before: Summary, now: Summary) -> frozenset[str]:
    lines = set(before.warm) ^ set(now.warm)
    return frozenset(
        name for name, spans in now.spans.items() for first, last in spans if any(first <= x <= last for x in lines)
    )


def _warmth(one: Summary, name: str) -> tuple[tuple[int, ...], ...]:
    """Which functions of a name are warm, and those in them, by their distance from its first line."""
    return tuple(
        tuple(line - first for line in one.warm if first <= line <= last) for first, last in one.spans.get(name, ())
    )


def stale(known: Mapping[str, Summary], changes: Changes) -> frozenset[str]:
    """Files of which nothing that is known still holds for sure."""
    reach = _reach(known)
    return frozenset(path for path in known if path in changes.files or _altered(path, known, reach[path], changes))


def _altered(path: str, known: Mapping[str, Summary], reach: frozenset[str], changes: Changes) -> bool:
    if not changes.shells.isdisjoint(reach) or not changes.files.isdisjoint(_named(known[path])):
        return True
    looked = [known[path].entered, *(known[one].loaded for one in reach if one in known)]
    return any(
        not changes.functions.isdisjoint(one.functions) or not changes.names.isdisjoint(one.names) for one in looked
    )


def _named(one: Summary) -> frozenset[str]:
    """Files in which it names lines: those may have moved."""
    lines = {each.path for each in (*one.clear, *one.unclear, *(each.cleared for each in one.seeming))}
    lines |= {path for each in one.sites for path in (each.path, each.callee_path)}
    ways = {step.path for found in one.findings for step in found.trace}
    return frozenset(lines | ways | {found.path for found in one.findings})


def _reach(known: Mapping[str, Summary]) -> dict[str, frozenset[str]]:
    """Per file, itself and all files that are loaded when its functions run."""
    found: dict[str, frozenset[str]] = {}
    for path, summary in known.items():
        seen: set[str] = {path, *summary.entered.files}
        todo = list(seen)
        while todo:
            one = known.get(todo.pop())
            new = set(one.loaded.files) - seen if one else set()
            seen |= new
            todo += new
        found[path] = frozenset(seen)
    return found
