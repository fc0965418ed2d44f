"""The view of the code: a folder in which every piece of it is a plain file, wherever it was, and the way back.

Scanners of code get this folder as their target. Code of any suffix, of scripts without one, of notebooks, templates
and archives is in it under a name that no tool leaves out, so what hides a file from one of them hides it from none.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from activities.scans.view.archives import Budget, Member, members
from activities.scans.view.reading import read
from activities.scans.view.tree import Found, walk
from domain.scans.files import bytecode, links, pickles, scripts
from domain.scans.files.classes import class_of
from domain.scans.files.inside import Asked
from domain.scans.files.kinds import kind_of, read_as_text
from domain.scans.files.languages import canonical, language_of
from domain.scans.files.model import Entry, FileKind
from domain.scans.files.pieces import Piece, Place
from domain.scans.files.report import Unscanned
from domain.scans.files.uses import used_tests, uses
from domain.scans.files.view_names import name_of
from domain.scans.findings.model import FileClass, Finding, Step

MAX_TEXT = 5_000_000
"""Bytes of a text without a language that is put into the view; a bigger one is data."""
MAX_CODE = 50_000_000
"""Bytes of code, a notebook or a template; a bigger one is named as not looked at."""
MAX_PARSED = 20_000_000
"""As MAX_CODE, of notebooks and templates, which are taken apart here."""
MAX_SNIFFED = 30_000_000
"""Bytes of all texts of one scan that are tried as Python without being called so."""
MAX_SECONDS = 900.0
"""For one view; what has not been read by then is named."""
MAX_LINKED = 1_000
"""Files that are read once more, because a link gives them a name of code."""
MAX_SAME = 100
"""Members of one archive with one name that are told apart."""


@dataclass(frozen=True)
class Unit:
    """Where a file of the view comes from."""

    path: str
    file_class: FileClass
    member: str = ""
    piece: Piece | None = None
    """If it is not the file itself."""

    def place(self, line: int) -> Place:
        """Where a line of it is in the file."""
        return self.piece.place(line) if self.piece else Place(line)

    @property
    def told(self) -> str:
        """For people."""
        return f"{self.path}!{self.member}" if self.member else self.path


@dataclass
class View:
    """The view and what was left out of it. `entries`: the files of the target itself."""

    root: Path
    units: dict[str, Unit] = field(default_factory=dict)
    """By path in the view."""
    entries: list[Entry] = field(default_factory=list)
    unscanned: list[Unscanned] = field(default_factory=list)
    inner: int = 0
    _bytecode: list[tuple[str, bytes]] = field(default_factory=list)
    _uses: dict[str, frozenset[str]] = field(default_factory=dict)
    _sniffed: int = 0
    _until: float = field(default_factory=lambda: time.monotonic() + MAX_SECONDS)
    _links: dict[str, str] = field(default_factory=dict)
    _folders: set[Path] = field(default_factory=set)
    _budget: Budget = field(default_factory=Budget)

    def add(self, found: Found, source: Path) -> None:
        """A file of the target."""
        entry = found.entry
        self.entries.append(entry)
        if bytecode.is_bytecode(entry.path) and entry.kind is not FileKind.LINK:
            self._bytecode.append((entry.path, found.data[:16]))
        if entry.kind is FileKind.LINK:
            with contextlib.suppress(OSError):
                self._links[entry.path] = os.readlink(source)
        if time.monotonic() > self._until:
            self.unscanned.append(Unscanned(entry.path, f"it was not read within {MAX_SECONDS:.0f} s"))
            return
        if entry.kind in (FileKind.BINARY, FileKind.TEXT) and pickles.looks_so(found.data):
            with contextlib.suppress(OSError):  # named below, or by the walk
                self._pickle(entry.path, found.data if found.whole else source.open("rb").read(pickles.MAX_PICKLE))
        if entry.kind is FileKind.ARCHIVE:
            for member in members(source, entry.language, self._budget):
                self._member(entry, member)
            kind, language = read_as_text(entry.path, found.data)
            if kind is FileKind.BINARY and not canonical(entry.path, _by_name(entry.path)):
                return
            if kind is not FileKind.BINARY:
                entry = replace(entry, kind=kind, language=language)
        if entry.kind in _STAGED and entry.size <= _limit(entry):
            try:
                data = found.data if found.whole else source.read_bytes()
            except OSError as gone:
                self.unscanned.append(Unscanned(entry.path, f"it cannot be read ({gone.strerror})"))
                return
            self._put(entry, "", data)
        elif entry.kind is FileKind.TEXT and not entry.language:
            self._long_text(entry, "", source, found.data)
        elif entry.kind is FileKind.BINARY and entry.size <= MAX_TEXT and b"\0" not in found.data:
            self._long_text(entry, "", source, found.data)  # control bytes in comments hide no program
        elif entry.kind in _STAGED:
            self.unscanned.append(Unscanned(entry.path, f"{entry.kind} of more than {_limit(entry):,} bytes"))

    def _pickle(self, told: str, data: bytes) -> None:
        """One that calls something is code that nothing here follows."""
        if why := pickles.problem(data):
            self.unscanned.append(Unscanned(told, why))

    def _long_text(self, entry: Entry, member: str, source: Path, data: bytes) -> None:
        """A text that is too long for the view is data, unless it is Python. `data`: how it begins, or all of it."""
        told = f"{entry.path}!{member}" if member else entry.path
        if entry.size > MAX_CODE:
            if scripts.is_python(data[: data.rfind(b"\n") + 1]):
                self.unscanned.append(Unscanned(told, f"Python of more than {MAX_CODE:,} bytes"))
            return
        try:
            data = data if member else source.read_bytes()
        except OSError as gone:
            self.unscanned.append(Unscanned(told, f"it cannot be read ({gone.strerror})"))
            return
        if self._is_python(told, data):
            self._put(replace(entry, kind=FileKind.CODE, language="python"), member, data)

    def add_by_links(self, base: Path) -> None:
        """Files once more under the names of code that links give them. After the last file."""
        files = {one.path: one for one in self.entries if one.kind in (FileKind.TEXT, FileKind.CODE, FileKind.TEMPLATE)}
        for count, (link, path) in enumerate(islice(links.named(self._links, files), MAX_LINKED + 1)):
            entry = files[path]
            if count == MAX_LINKED or entry.size > MAX_PARSED:
                why = f"it leads to a file of more than {MAX_PARSED:,} bytes, or more than {MAX_LINKED:,} links do"
                self.unscanned.append(Unscanned(link, why))
                continue
            data = (base / path).read_bytes()
            kind, language = kind_of(link, data[:65_557], data[-65_557:], len(data))
            if kind in (FileKind.NOTEBOOK, FileKind.TEMPLATE) or canonical(link, language):
                self._put(replace(entry, kind=kind, language=language), "", data, link)

    def _member(self, archive: Entry, member: Member) -> None:
        told = f"{archive.path}!{member.name}" if member.name else archive.path
        kind, language = kind_of(member.name, member.data[:65_557], member.data[-65_557:], len(member.data))
        if member.problem:
            hidden = not member.data or kind not in (FileKind.BINARY, FileKind.IMAGE)
            self.unscanned.append(Unscanned(told, member.problem, hidden))
            return
        if pickles.looks_so(member.data):
            self._pickle(told, member.data)
        inside = class_of(member.name, member.data[:8_192])
        file_class = archive.file_class if archive.file_class is not FileClass.OWN else inside
        inner = Entry(archive.path, kind, language, file_class, len(member.data))
        if kind in _STAGED and inner.size <= _limit(inner):
            self.inner += 1
            self._put(inner, member.name, member.data)
        elif kind is FileKind.TEXT or (kind is FileKind.BINARY and b"\0" not in member.data[:65_557]):
            self._long_text(inner, member.name, Path(), member.data)
        elif kind in _STAGED:
            self.unscanned.append(Unscanned(told, f"{kind} of more than {_limit(inner):,} bytes"))

    def _put(self, entry: Entry, member: str, data: bytes, link: str = "") -> None:
        """The file itself, and the pieces in it. `link`: another name of it, by which it is read."""
        name = link or member.rpartition("!")[2] or entry.path
        language = entry.language or _by_name(name)
        unit = Unit(entry.path, entry.file_class, member)
        if entry.kind in (FileKind.TEXT, FileKind.TEMPLATE) and not language and self._is_python(unit.told, data):
            language = "python"
        if entry.kind is FileKind.TEXT and not language and scripts.is_javascript(unit.told, data):
            language = "javascript"
        suffix = canonical(name, language)
        found = read(Asked(entry.kind, name, language, suffix), data)
        self.unscanned += [Unscanned(unit.told, why, gap) for why, gap in found.left]
        text = found.text
        if not member and not link:
            self._uses[entry.path] = uses(
                entry.path, language, data.decode("utf-8", "replace") if text is None else text
            )
        if found.places:
            unit = replace(unit, piece=Piece("", suffix, found.places))
        if entry.kind is not FileKind.NOTEBOOK or not found.pieces:
            self._write(unit, suffix, data if text is None else text.encode(), f"\0{link}" if link else member)
        unit = replace(unit, piece=None)
        for number, piece in enumerate(found.pieces, 1):
            self.inner += not member
            within = f"{member}{link}\0{number}{piece.suffix}"
            self._write(replace(unit, piece=piece), piece.suffix, piece.text.encode("utf-8", "replace"), within)

    def _is_python(self, told: str, data: bytes) -> bool:
        """By what it holds; a text that looks so after the bound for such texts is named."""
        if not scripts.can_be_python(data):
            return False
        self._sniffed += len(data)
        if self._sniffed <= MAX_SNIFFED:
            nameless = (
                "." not in (name := told.rpartition("!")[2].rpartition("/")[2]) and name.lower() not in _OTHER_IMPORTS
            )
            return scripts.is_python(data) or (nameless and scripts.is_newer(data))
        if scripts.looks_like_code(data):
            why = f"it looks like code, and {MAX_SNIFFED:,} bytes of such texts have been tried"
            self.unscanned.append(Unscanned(told, why))
        return False

    def _write(self, unit: Unit, suffix: str, data: bytes, within: str) -> None:
        """Two members of one name are two files: both are looked at."""
        name = name_of(unit.path, suffix, within)
        for again in range(1, MAX_SAME):
            if name not in self.units:
                break
            name = name_of(unit.path, suffix, f"{within}\0{again}")
        path = self.root / name
        try:
            if path.parent not in self._folders:
                path.parent.mkdir(parents=True, exist_ok=True)
                self._folders.add(path.parent)
            path.write_bytes(data)
        except OSError as full:
            self.unscanned.append(Unscanned(unit.told, f"it cannot be copied ({full.strerror})"))
            return
        self.units[name] = replace(unit, piece=replace(unit.piece, text="")) if unit.piece else unit

    def close(self) -> None:
        """After the last file: names compiled code that no source stands for, and knows which tests are none."""
        own = used_tests({entry.path: entry.file_class for entry in self.entries}, self._uses)
        self.entries = [replace(one, file_class=FileClass.OWN) if one.path in own else one for one in self.entries]
        for name, unit in self.units.items():
            if unit.path in own:
                self.units[name] = replace(unit, file_class=FileClass.OWN)
        there = {entry.path for entry in self.entries}
        for path, head in self._bytecode:
            if why := bytecode.problem(path, head, there):
                self.unscanned.append(Unscanned(path, why))

    def told(self, name: str) -> str:
        """A name of the view for people: where that is in the target."""
        return self.units[name].told if name in self.units else name

    def original(self, one: Finding) -> Finding:
        """A finding in the view as one in the target."""
        if not (unit := self.units.get(one.path)):
            return one
        first, last = unit.place(one.line), unit.place(one.end_line)
        steps = tuple(self._step(step) for step in one.trace)
        return replace(
            one,
            path=unit.path,
            member=unit.member,
            cell=first.cell,
            line=first.line,
            end_line=last.line,
            file_class=unit.file_class,
            trace=steps,
        )

    def _step(self, step: Step) -> Step:
        """A step of a trace, which may be in another file."""
        unit = self.units.get(step.path)
        return replace(step, path=unit.path, line=unit.place(step.line).line) if unit else step


def build(root: Path, folder: Path, absent: Iterable[Entry] = (), ended: Callable[[], bool] = lambda: False) -> View:
    """Reads all files of the target once. `ended`: nobody waits for the view any more, and it stays a part of one."""
    folder.mkdir(parents=True)
    view = View(folder.resolve())
    base = root if root.is_dir() else root.parent
    for found in walk(root, absent):
        if ended():
            break
        view.add(found, base / found.entry.path)
    view.add_by_links(base)
    view.close()
    return view


_OTHER_IMPORTS = ("jenkinsfile",)
"""Files without a suffix that begin as Python may, and are Groovy."""
_STAGED = frozenset({FileKind.CODE, FileKind.TEXT, FileKind.NOTEBOOK, FileKind.TEMPLATE, FileKind.ARCHIVE})


def _limit(entry: Entry) -> int:
    if entry.kind in (FileKind.NOTEBOOK, FileKind.TEMPLATE):
        return MAX_PARSED
    return MAX_TEXT if entry.kind is FileKind.TEXT else MAX_CODE


def _by_name(path: str) -> str:
    """The language that the name alone claims."""
    return language_of(path, b"")
