"""Freezes in a file of their own: YAML as definitions write them, or iCalendar."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from pydantic import Field

from domain.core.documents import Manifest, Node
from domain.releases import calendars, ical
from domain.releases.calendars import MOST_FREEZES
from pipeline_defs.core import reader, yaml_nodes
from pipeline_defs.core.blocks import Block
from pipeline_defs.core.diagnostics import Diagnostic, Path, Violation
from pipeline_defs.core.reader import ReadFile
from pipeline_defs.core.reporter import DiagnosticReporter
from pipeline_defs.releases import calendar_lint
from pipeline_defs.releases.calendar_model import Freeze

MOST_BYTES = ical.MOST_BYTES
_ENVIRONMENT = re.compile(r"^kind:[ \t]*[\"']?Environment\b", re.MULTILINE)
_NAMED = re.compile(r"^freezes:[ \t]*[\"']?([\w./-]+)[\"']?[ \t]*(?:#.*)?$", re.MULTILINE)


class FreezeFile(Block):
    """A YAML file of freezes."""

    freezes: list[Freeze] = Field(max_length=MOST_FREEZES)


def written(blocks: Sequence[Freeze], read_file: ReadFile) -> list[Manifest]:
    """All freezes as blocks, each file in its place. Lint first: of a file with errors nothing is there."""
    found: list[Manifest] = []
    for block in blocks:
        found += _read(block.file, read_file)[0] if block.file else [block.model_dump()]
    return found


def lint(
    blocks: Sequence[Freeze], read_file: ReadFile, reporter: DiagnosticReporter, path: Path
) -> Iterator[Diagnostic]:
    """Errors in the files of freezes; `path`: of the block that has `freezes`."""
    for index, block in enumerate(blocks):
        if not block.file:
            continue
        where = (*path, "freezes", index)
        if read_file(block.file) is None:
            what, fix = f"file '{block.file}' does not exist", "write its freezes in its place"
            yield reporter.report("SLW601", what, where, token=block.file, hint=fix)
            continue
        found, broken = _read(block.file, read_file)
        yield from broken
        if len(found) > MOST_FREEZES:
            message = f"'{block.file}' has {len(found)} freezes; at most {MOST_FREEZES} are read"
            yield reporter.report("SLW203", message, where, token=block.file)


def inlined(text: str, read_file: ReadFile) -> str:
    """The text of a registered environment with its file's freezes in their place: what is signed has all of it."""
    named = _NAMED.search(text)
    if named is None or not _ENVIRONMENT.search(text):
        return text
    found, broken = _read(named[1], read_file)
    if broken or not found:
        return text  # checking the text tells what is wrong
    plain = [{"from" if key == "from_" else key: value for key, value in one.items() if value} for one in found]
    return f"{text[: named.start()]}freezes: {json.dumps(plain)}{text[named.end() :]}"


def _read(name: str, read_file: ReadFile) -> tuple[list[Manifest], list[Diagnostic]]:
    """What a file has, and what is wrong with it; nothing of a file that does not exist."""
    data = read_file(name)
    if data is None:
        return [], []
    if len(data) > MOST_BYTES:
        return [], [Diagnostic("SLW103", f"{len(data):,} bytes; at most {MOST_BYTES:,} are read", name)]
    return _calendar(data, name) if name.lower().endswith((".ics", ".ical")) else _yaml(data, name)


def _calendar(data: bytes, name: str) -> tuple[list[Manifest], list[Diagnostic]]:
    try:
        found = ical.freezes(data)
        for one in found:
            calendars.freeze(Node(one))
    except ValueError as wrong:
        return [], [Diagnostic("SLW203", str(wrong), name)]
    told = [_of(one, name) for block in found for one in calendar_lint.zone(str(block["zone"]), ())]
    return ([] if told else found), told


def _yaml(data: bytes, name: str) -> tuple[list[Manifest], list[Diagnostic]]:
    root, told = yaml_nodes.read(data, name)
    if root is None:
        return [], told
    document, more = reader.validate(FreezeFile, root, name)
    blocks = document.freezes if document else []
    told = [*told, *more, *(_of(one, name) for one in calendar_lint.violations((), blocks))]
    told += [_of(Violation("SLW203", "a file of freezes names no other", ()), name) for one in blocks if one.file]
    return ([] if told else [one.model_dump() for one in blocks]), told


def _of(one: Violation, name: str) -> Diagnostic:
    return Diagnostic(one.code, one.message, name, token=one.token, hint=one.hint)
