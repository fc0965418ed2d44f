"""`python -m activities.scans.scanners.secrets.searching TARGET REPORT`: searches every file below a folder.

It is a process of its own. Its report holds the values: it is written for its owner alone into a scratch folder, and
its reader keeps only their HMACs.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from activities.scans.running.sandbox import files
from activities.scans.scanners.secrets import rule_files
from activities.scans.scanners.secrets.apart import apart
from activities.scans.view.archives import Budget, Member, members
from domain.core.values import Json
from domain.scans.files.kinds import TAIL_BYTES, archive_format
from domain.scans.secrets.bounds import CUT, FILE, NAMES, Reached
from domain.scans.secrets.rules import Rules
from domain.scans.secrets.search import Hit, search
from domain.scans.secrets.views import Reading

CHUNK_BYTES = 16_000_000
"""A longer file is read in pieces of this size."""
OVERLAP_BYTES = 64_000
"""Every piece repeats the end of the one before: a secret that is shorter is in one of them as a whole."""
MAX_NAME = 300


def of_folder(target: Path, rules: Rules) -> dict[str, Json]:
    """What was found, which files were read, and what was not looked into."""
    looked: list[Json] = []
    hits: list[Json] = []
    missed: list[Json] = []
    budget = Budget(also_packed=True)
    for path in files(target):
        name = path.relative_to(target).as_posix()
        try:
            for one in _of_file(path, name, rules, budget):
                (missed if isinstance(one, list) else hits).append(one)
        except OSError as broken:
            missed.append([name, str(broken.strerror)])
            continue
        looked.append(name)
    return {"looked": looked, "hits": hits, "missed": missed[: NAMES.most], "more": max(len(missed) - NAMES.most, 0)}


def _of_file(path: Path, name: str, rules: Rules, budget: Budget) -> Iterator[dict[str, Json] | list[Json]]:
    """Secrets as objects, and what was not looked at as its name and the reason."""
    reached = Reached()
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size > FILE.most:
            yield [name, FILE.reason]
            return
        format_ = _format(file, size)
        own = list(_pieces(file, size, name, rules, reached, format_))
    if reached.reason:
        yield [name, reached.reason]
    if not format_:
        yield from (_said(hit, name, "") for hit in own)
        return
    found: list[tuple[str, Hit]] = []
    packed: list[tuple[str, Hit]] = [("", hit) for hit in own]
    for one in members(path, format_, budget):
        if one.problem:
            yield [f"{name}{'!' if one.name else ''}{_printable(one.name)}", one.problem]
        reading = Reading(_apart_in(one))
        hits = search(one.data, f"{name}/{one.name.replace('!', '/')}", rules, packed=one.packed, reading=reading)
        if reading.reached.reason:
            yield [f"{name}!{_printable(one.name)}", reading.reached.reason]
        (packed if one.packed else found).extend((_printable(one.name), hit) for hit in hits)
    values = {hit.value for _, hit in found}
    found += [(member, hit) for member, hit in packed if hit.value not in values]  # else: a member stored as it is
    yield from (_said(hit, name, member) for member, hit in found)


def _apart_in(member: Member) -> frozenset[int]:
    if not member.packed:
        return frozenset()
    return apart(io.BytesIO(member.data), archive_format(member.data[:8_192], member.data[-TAIL_BYTES:]))


def _format(file: BinaryIO, size: int) -> str:
    head = file.read(8_192)
    file.seek(max(size - TAIL_BYTES, 0))
    return archive_format(head, file.read(TAIL_BYTES))


def _printable(name: str) -> str:
    """Names of members are a stranger's: without control characters, and not endless."""
    return "".join(char if char.isprintable() else "?" for char in name)[:MAX_NAME]


def _pieces(file: BinaryIO, size: int, name: str, rules: Rules, reached: Reached, format_: str = "") -> Iterator[Hit]:
    """A file in pieces, with the lines of the whole."""
    at, lines, before = 0, 0, set[tuple[str, bytes, int]]()
    elsewhere = apart(file, format_)
    while at == 0 or at < size:
        file.seek(at)
        data = file.read(CHUNK_BYTES)
        found = set[tuple[str, bytes, int]]()
        reading = Reading(frozenset(place - at for place in elsewhere), reached)
        for hit in search(data, name, rules, packed=bool(format_), reading=reading):
            moved = _moved(hit, lines)
            found.add((hit.rule, hit.value, moved.line))
            if (hit.rule, hit.value, moved.line) not in before:
                yield moved
        if at + len(data) >= size or not data:
            return
        step = _step(len(data), reading)
        lines, at, before = lines + data.count(b"\n", 0, step), at + step, found


def _step(size: int, reading: Reading) -> int:
    """To the next piece, which begins where a stream does that goes on in it."""
    if reading.unfinished == 0:
        reading.reached.say(CUT)
    return min(size - OVERLAP_BYTES, reading.unfinished) if reading.unfinished > 0 else size - OVERLAP_BYTES


def _moved(hit: Hit, lines: int) -> Hit:
    return replace(hit, line=hit.line + lines, end_line=hit.end_line + lines) if lines else hit


def _said(hit: Hit, path: str, member: str) -> dict[str, Json]:
    return {
        "path": path,
        "member": member,
        "rule": hit.rule,
        "message": hit.message,
        "severity": hit.severity.value,
        "confidence": hit.confidence,
        "line": hit.line,
        "end_line": hit.end_line,
        "cell": hit.cell,
        "excerpt": hit.excerpt,
        "value": hit.value.decode("utf-8", "surrogateescape"),
    }


def main(target: str, report: str) -> None:
    """Writes the report."""
    found = of_folder(Path(target), rule_files.load())
    handle = os.open(report, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        json.dump(found, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
