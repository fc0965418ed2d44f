"""Run by dataflow.py as a program: `python program.py FOLDER REPORT EARLIER STATE`. Reads sources as text, writes JSON.

It runs with whatever Python is the newest, so it imports only the standard library and domain/scans/dataflow.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import tokenize
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[4]))

from domain.scans.dataflow.analyse import Analysis, analyse
from domain.scans.dataflow.dependencies import Summary
from domain.scans.dataflow.keeping import kept, known_from
from domain.scans.findings.model import Finding

VERSION = "1"
MAX_BYTES = 3_000_000
"""Of one file; a bigger one is named as not looked at."""
MAX_TOTAL = 200_000_000
STACK_BYTES = 512_000_000
DEPTH = 20_000
"""Python's limit of calls in calls: the interpreter's own bounds are lower."""
SKIPPED = {".git", ".hg", ".svn"}


def main(folder: Path, report: Path, earlier: Path, state: Path) -> None:
    """Analyses every `.py` below the folder; links are not followed. EARLIER: the STATE of another analysis, if any."""
    texts: dict[str, str] = {}
    broken: dict[str, str] = {}
    total = 0
    for path in _files(folder):
        name = path.relative_to(folder).as_posix()
        size = path.stat().st_size
        if size > MAX_BYTES or total + size > MAX_TOTAL:
            broken[name] = f"it has {size:,} bytes; too big to be analysed"
            continue
        total += size
        try:
            texts[name] = _text(path.read_bytes())
        except (SyntaxError, UnicodeError, LookupError) as error:
            broken[name] = f"it cannot be decoded: {error}"[:200]
    found = analyse(texts, _known(earlier))
    state.write_text(json.dumps(kept(found.summaries)))
    report.write_text(json.dumps(_document(found, texts, {**broken, **found.broken})))


def _known(earlier: Path) -> dict[str, Summary]:
    try:
        return known_from(json.loads(earlier.read_bytes()))
    except (OSError, ValueError, TypeError, KeyError):
        return {}


def _files(folder: Path) -> Iterator[Path]:
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in SKIPPED)
        for name in sorted(names):
            path = Path(where, name)
            if name.endswith(".py") and path.is_file() and not path.is_symlink():
                yield path


def _text(data: bytes) -> str:
    """As Python itself decodes source: a byte order mark or a declaration names the encoding (PEP 263)."""
    encoding, _ = tokenize.detect_encoding(BytesIO(data).readline)
    return data.decode(encoding)


def _document(found: Analysis, texts: dict[str, str], broken: dict[str, str]) -> dict[str, object]:
    return {
        "version": VERSION,
        "findings": [_shown(one) for one in found.findings],
        "looked": sorted(texts.keys() - broken.keys()),
        "broken": [{"path": path, "reason": reason} for path, reason in sorted(broken.items())],
        "cut": [_place(found, *one.split(": ", 1)) for one in found.cut],
        "cleared": [{"path": one.path, "cwe": one.cwe, "lines": list(one.lines)} for one in found.cleared],
    }


def _place(found: Analysis, path: str, name: str) -> dict[str, object]:
    """A function that was not followed to its end; the body of a module begins in line 1."""
    lines, urgent = found.summaries[path].spans.get(name, ()), name in found.summaries[path].urgent
    return {"path": path, "name": name, "line": lines[0][0] if lines else 1, "confidence": "high" if urgent else "low"}


def _shown(one: Finding) -> dict[str, object]:
    names = ("rule", "message", "path", "line", "end_line", "cwe", "confidence", "likelihood", "impact")
    return {
        **{name: getattr(one, name) for name in names},
        "severity": one.severity.value,
        "trace": [{"path": step.path, "line": step.line, "text": step.text} for step in one.trace],
    }


def _with_deep_stack() -> None:
    """Nested code needs more stack than a program's first thread has."""
    sys.setrecursionlimit(DEPTH)
    threading.stack_size(STACK_BYTES)
    failed: list[BaseException] = []

    def run() -> None:
        try:
            main(*map(Path, sys.argv[1:]))
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]


if __name__ == "__main__":
    _with_deep_stack()
