"""Changes since a baseline: a multiset matching of findings, so a new one cannot hide behind an identical old one.

A finding of the baseline matches at most one of now. Within a function the same weakness is the same finding; elsewhere
only when its context moved along. Editing the weak statement itself makes it new: whoever edits it has seen it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from domain.scans.findings.fingerprint import fingerprint, identity
from domain.scans.findings.making import comparable
from domain.scans.findings.model import Finding, FindingKind, State, like

ALIKE = 0.3
"""Minimum overlap, as a share of the smaller context, for a moved finding."""
MAX_PAIRS = 10_000
"""Limit of identical findings compared pairwise; beyond it they are matched in order."""
_IN_CODE = (FindingKind.SAST, FindingKind.SUPPRESSION)
"""Kinds for which context decides whether a finding moved; other kinds have a sufficient identity."""

Place = Callable[[Finding], Hashable]


@dataclass(frozen=True)
class Compared:
    """A scan's findings compared with the baseline."""

    findings: tuple[Finding, ...]
    """Current findings with their state; known ones keep their fingerprint."""
    fixed: tuple[Finding, ...]
    """Baseline findings that are gone."""

    @property
    def new(self) -> tuple[Finding, ...]:
        """Findings that are not in the baseline."""
        return tuple(one for one in self.findings if one.state is State.NEW)


def compare(before: Iterable[Finding], now: Sequence[Finding], files: Container[str] | None = None) -> Compared:
    """`files`: existing paths, where known; a missing file was renamed or removed.

    What only an imported report said before makes nothing known that is found here now: whoever writes such a report
    could announce a weakness before they bring it.
    """
    old: dict[Hashable, list[Finding]] = defaultdict(list)
    for one in before:
        old[one.imported, identity(one)].append(one)
    new: tuple[dict[Hashable, list[int]], ...] = (defaultdict(list), defaultdict(list))
    for index, one in enumerate(now):
        new[one.imported][identity(one)].append(index)
    known: dict[int, Finding] = {}
    for imported, found in enumerate(new):  # what was found here first: an imported twin leaves it nothing
        for key, indexes in found.items():
            before_ = old.get((bool(imported), key), []) + (old.pop((False, key), []) if imported else [])
            if before_:
                old[bool(imported), key] = _match(before_, indexes, now, files, known)
    stated = [_stated(one, known.get(index)) for index, one in enumerate(now)]
    fixed = (replace(one, state=State.FIXED, why="") for group in old.values() for one in group)
    return Compared(tuple(_numbered(stated)), tuple(fixed))


def _match(
    before: list[Finding],
    indexes: list[int],
    now: Sequence[Finding],
    files: Container[str] | None,
    known: dict[int, Finding],
) -> list[Finding]:
    """Adds what is known of identical findings to `known`; returns what is left of `before`."""
    if len(before) == len(indexes) == 1 and _function(before[0]) == _function(now[indexes[0]]):
        known[indexes[0]] = before[0]  # the common case
        return []
    twins = _Twins(before, indexes, now, files)
    known.update(twins.match())
    return twins.old


class _Twins:
    """All identical findings, of the baseline and of now."""

    def __init__(
        self, old: list[Finding], new: list[int], now: Sequence[Finding], files: Container[str] | None
    ) -> None:
        self.old = sorted(old, key=lambda one: (one.path, one.line))
        self._new = sorted(new, key=lambda index: (now[index].path, now[index].line))
        self._now, self._files = now, files
        self._known: dict[int, Finding] = {}

    def match(self) -> dict[int, Finding]:
        """Current index to baseline index, best match first: same function, same file, same function name, anywhere."""
        self._pair(_function, lambda old, new: True)
        for place in (_path, _scope, _anywhere):
            self._pair(place, self._moved)
        return self._known

    def _pair(self, place: Place, allowed: Callable[[Finding, Finding], bool]) -> None:
        if not self.old or not self._new:
            return
        at: dict[Hashable, list[Finding]] = defaultdict(list)
        for one in self.old:
            at[place(one)].append(one)
        wanted: dict[Hashable, list[int]] = defaultdict(list)
        for index in self._new:
            wanted[place(self._now[index])].append(index)
        used: set[int] = set()
        for where in wanted.keys() & at.keys():
            for old, index in self._best(at[where], wanted[where], allowed):
                self._known[index] = old
                used.add(id(old))
        self.old = [one for one in self.old if id(one) not in used]
        self._new = [index for index in self._new if index not in self._known]

    def _best(
        self, old: list[Finding], new: list[int], allowed: Callable[[Finding, Finding], bool]
    ) -> Iterator[tuple[Finding, int]]:
        """Equal numbers are matched in order; otherwise by context overlap."""
        in_order = [(one, index) for one, index in zip(old, new, strict=False) if allowed(one, self._now[index])]
        if len(old) * len(new) > MAX_PAIRS or (len(in_order) == len(old) == len(new)):
            yield from in_order
            return
        scored = sorted(
            (-alike(one.context, self._now[index].context), abs(one.line - self._now[index].line), at, index)
            for at, one in enumerate(old)
            for index in new
            if allowed(one, self._now[index])
        )
        olds: set[int] = set()
        news: set[int] = set()
        for _, _, at, index in scored:
            if at not in olds and index not in news:
                olds.add(at)
                news.add(index)
                yield old[at], index

    def _moved(self, old: Finding, new: Finding) -> bool:
        gone = self._files is not None and old.path not in self._files
        if old.kind not in _IN_CODE:
            return old.path == new.path or gone or self._files is None  # in a second file it is another finding
        if gone and old.scope == new.scope and (old.scope or not old.context):
            return True
        return alike(old.context, new.context) >= ALIKE


def alike(one: tuple[str, ...], two: tuple[str, ...]) -> float:
    """Overlap of two contexts as a share of the smaller; two findings without context are alike."""
    if not one or not two:
        return float(one == two)
    return len({*one} & {*two}) / min(len(one), len(two))


def _function(finding: Finding) -> Hashable:
    return finding.path, finding.scope


def _path(finding: Finding) -> Hashable:
    return finding.path


def _scope(finding: Finding) -> Hashable:
    return finding.scope


def _anywhere(finding: Finding) -> Hashable:
    return ()


def _stated(one: Finding, old: Finding | None) -> Finding:
    if old is None:
        return replace(one, state=State.NEW, fingerprint="", why="")
    state, why = _state(one, old)
    return like(one, fingerprint=old.fingerprint, state=state, why=why, since=old.since, since_commit=old.since_commit)


def dated(
    findings: Iterable[Finding], now: float, commit: str = "", before: Iterable[Finding] = ()
) -> Iterator[Finding]:
    """Sets when each was first seen: as the baseline has it, else as `before` has it, else now, at `commit`.

    `before`: the findings of the last scan of the default branch, which need not have passed a gate.
    """
    seen = {one.fingerprint: one for one in before if one.since}
    for one in findings:
        if one.since:
            yield one
        elif known := seen.get(one.fingerprint):
            yield like(one, since=known.since, since_commit=known.since_commit)
        else:
            yield like(one, since=now, since_commit=commit)


def marked(findings: Iterable[Finding], branch: Iterable[Finding]) -> Iterator[Finding]:
    """Says of each whether the last scan of the default branch has it, no less severe."""
    ranks = {one.fingerprint: one.severity.rank for one in branch}
    for one in findings:
        yield like(one, on_branch=True) if ranks.get(one.fingerprint, -1) >= one.severity.rank else one


def _state(one: Finding, old: Finding) -> tuple[State, str]:
    if one.severity.rank > old.severity.rank and comparable(one, old):
        return State.ESCALATED, f"was {old.severity}"
    if one.trace and not old.trace and one.kind is FindingKind.SAST and comparable(one, old):
        return State.ESCALATED, "a stranger's value gets there now"
    if one.fixed_in and not old.fixed_in:
        return State.FIX_AVAILABLE, f"fixed in {one.fixed_in}"
    if _function(one) != _function(old):
        return State.MOVED, f"was at {old.path}:{old.line}"
    return State.EXISTING, ""


def _numbered(stated: list[Finding]) -> Iterator[Finding]:
    """Gives new findings fingerprints that no known one has."""
    taken = {one.fingerprint for one in stated if one.fingerprint}
    numbers: dict[Hashable, int] = defaultdict(int)
    for one in stated:
        if one.fingerprint:
            yield one
            continue
        key = identity(one), one.scope
        name = fingerprint(one, numbers[key])
        while name in taken:
            numbers[key] += 1
            name = fingerprint(one, numbers[key])
        taken.add(name)
        yield replace(one, fingerprint=name)
