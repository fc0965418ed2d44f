"""Ways to hide code from scanners that report COMPLETE. Each is found where it lies, or named, and the scan is incomplete.

One scan of the real bandit, semgrep and markers looks at every way at once; beside each stands what is plainly found.
"""

import asyncio
import bz2
import gzip
import io
import json
import lzma
import os
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from activities.scans import tree
from activities.scans import view as view_of_code
from activities.scans.port import Target
from activities.scans.result_cache import FolderCache
from activities.scans.scan_runner import Scanning
from activities.scans.scanners.registry import scanners
from activities.scans.views import COVERAGE, Views
from domain.scans.files.model import FileKind
from domain.scans.findings.model import Finding, ScanState, ToolReport
from tests.support.once import once
from workers.core import settings

WEAK = "import os\n\n\ndef f(x):\n    os.system('ls ' + x)  # nosec\n"
SCRIPT = "document.write(location.hash)  // nosemgrep\n"
TOOLS = ("bandit", "semgrep", "markers")


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as opened:
        for name, data in members:
            opened.writestr(name, data)
    return made.getvalue()


def tarred(mode: str, *members: tuple[str, bytes]) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode=mode) as opened:  # type: ignore[call-overload]
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            opened.addfile(info, io.BytesIO(data))
    return made.getvalue()


def notebook(code: str, **more: object) -> bytes:
    cells = [{"cell_type": "markdown", "source": "words"}, {"cell_type": "code", "source": code.splitlines(True)}]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, **more}, indent=1).encode()


W, S = WEAK.encode(), SCRIPT.encode()
SEEN: dict[str, tuple[bytes, str, int, str]] = {
    "plain.py": (W, "", 5, "B605"),
    "plain.js": (S, "", 1, "javascript-html-from-values"),
    # names
    ".github/scripts/x.py": (W, "", 5, "B605"),
    ".svn/x.py": (W, "", 5, "B605"),
    ".tox/x.py": (W, "", 5, "B605"),
    "CVS/x.py": (W, "", 5, "B605"),
    "lib.egg/x.py": (W, "", 5, "B605"),
    "tests/test_x.py": (W, "", 5, "B605"),
    "node_modules/x/i.js": (S, "", 1, "javascript-html-from-values"),
    "upper.PY": (W, "", 5, "B605"),
    "window.pyw": (W, "", 5, "B605"),
    "three.py3": (W, "", 5, "B605"),
    "stub.pyi": (W, "", 5, "B605"),
    ".py": (W, "", 5, "B605"),
    "space.py ": (W, "", 5, "B605"),
    "module.mts": (S, "", 1, "javascript-html-from-values"),
    "module.cts": (S, "", 1, "javascript-html-from-values"),
    "module.MJS": (S, "", 1, "javascript-html-from-values"),
    "-r": (b"#!/usr/bin/env python3\n" + W, "", 6, "B605"),
    "--exclude=.py": (W, "", 5, "B605"),
    "new\nline.py": (W, "", 5, "B605"),
    "glob*[x]?.py": (W, "", 5, "B605"),
    "comma,name.py": (W, "", 5, "B605"),
    "case.py": (W, "", 5, "B605"),
    "Case.py": (W, "", 5, "B605"),
    "b\udcff.py": (W, "", 5, "B605"),
    "x" * 240 + ".py": (W, "", 5, "B605"),
    "d/" * 60 + "x.py": (W, "", 5, "B605"),
    # content
    "tool": (b"#!/usr/bin/env -S python3 -u\n" + W, "", 6, "B605"),
    "nameless": (W, "", 5, "B605"),
    "x.pth.txt": (W, "", 5, "B605"),
    "bom.py": (b"\xef\xbb\xbf" + W, "", 5, "B605"),
    "wide.py": (WEAK.encode("utf-16"), "", 5, "B605"),
    "escaped.py": (
        b"# coding: unicode_escape\n" + WEAK.replace("os.system", r"os.\u0073ystem").encode(),
        "",
        6,
        "B605",
    ),
    "return.py": (b"# harmless\r" + W, "", 5, "B605"),
    "separator.js": ("// harmless\u2028".encode() + S, "", 1, "javascript-html-from-values"),
    "newer.py": (b"try:\n    f()\nexcept A, B:\n    pass\n" + W, "", 9, "B605"),
    "control.js": (b"// \x01\x02\x7f\n" + S, "", 2, "javascript-html-from-values"),
    "film.ts": (b"/* \x47 */\n" + S, "", 2, "javascript-html-from-values"),
    # files in files
    "cells.ipynb": (notebook(WEAK), "", 14, "B605"),
    "cells.json": (notebook("%pip install x\n" + WEAK), "", 15, "B605"),
    "page.html": (b"<p>\n<script>\n" + S + b"</script>", "", 3, "javascript-html-from-values"),
    "handler.html": (
        b'<p>\n<a onclick="document.write(location.hash); return false"><!-- nosemgrep -->',
        "",
        2,
        "javascript-html-from-values",
    ),
    "part.vue": (b"<template/>\n<script lang='ts'>\n" + S + b"</script>", "", 3, "javascript-html-from-values"),
    "part.svelte": (b"<script>\n" + S + b"</script>\n<p>", "", 2, "javascript-html-from-values"),
    "mail.j2": (
        b"<script>\nvar a = {{ a }};\n{% if b %}" + S + b"{% endif %}</script>",
        "",
        3,
        "javascript-html-from-values",
    ),
    "picture.svg": (b"<svg><script>\n" + S + b"</script></svg>", "", 2, "javascript-html-from-values"),
    "app.pyz": (b"#!/usr/bin/env python3\n" + zipped(("__main__.py", W)), "__main__.py", 5, "B605"),
    "lib-1-py3-none-any.whl": (zipped(("lib/a.py", W)), "lib/a.py", 5, "B605"),
    "stored.zip": (zipped(("../../out.py", W), method=zipfile.ZIP_STORED), "../../out.py", 5, "B605"),
    "twice.zip": (zipped(("a.py", b"x = 1\n"), ("b.py", W)), "b.py", 5, "B605"),
    "src.tar": (tarred("w", ("a.py", W)), "a.py", 5, "B605"),
    "src.tgz": (tarred("w:gz", ("a.py", W)), "a.py", 5, "B605"),
    "src.tar.xz": (tarred("w:xz", ("a.py", W)), "a.py", 5, "B605"),
    "one.py.bz2": (bz2.compress(W), "one.py", 5, "B605"),
    "one.py.gz": (gzip.compress(W), "one.py", 5, "B605"),
    "one.py.xz": (lzma.compress(W), "one.py", 5, "B605"),
    "third.zip": (zipped(("b.tgz", tarred("w:gz", ("c.zip", zipped(("d.py", W)))))), "b.tgz!c.zip!d.py", 5, "B605"),
    "holiday.png": (b"\x89PNG\r\n\x1a\n" + b"\0" * 99 + zipped(("a.py", W)), "a.py", 5, "B605"),
    "book.zip": (zipped(("n.ipynb", notebook(WEAK))), "n.ipynb", 14, "B605"),
}
"""Path to content, the member of the archive, the line and the rule that must be found there."""


def _shown(path: str) -> str:
    return path.replace("\n", "\\n").replace("\udcff", "\\udcff")


def _write(root: Path, path: str, data: bytes) -> None:
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)


SWITCHES = {
    ".semgrepignore": "*\n",
    ".gitignore": "*\n",
    ".bandit": "[bandit]\nexclude: /\nskips: B605\n",
    "pyproject.toml": "[tool.bandit]\nexclude_dirs = ['.']\n",
    ".gitattributes": "* export-ignore -diff\n",
    "setup.cfg": "[bandit]\nexclude = *\n",
}


def _scanned(folder: Path) -> None:
    root = folder / "target"
    for path, (data, *_) in SEEN.items():
        _write(root, path, data)
    for path, text in SWITCHES.items():
        _write(root, path, text.encode())
    (root / "decoy.py").symlink_to("plain.py")
    (root / "linked").symlink_to(".github")
    os.mkfifo(root / "pipe.py")
    scanning = Scanning(scanners(settings.load().tools))
    reports = asyncio.run(scanning.scan_whole(TOOLS, Target(root.resolve()), folder / "scratch", uuid4().hex, 120))
    from activities.core import serialization as serial

    for report in reports:
        (folder / report.tool).write_bytes(serial.dump(report))


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], ToolReport]:
    from activities.core import serialization as serial

    folder = once(tmp_path_factory, "every-way-to-hide", _scanned)
    return lambda tool: serial.load(ToolReport, (folder / tool).read_bytes())


@pytest.mark.parametrize("path", SEEN, ids=_shown)
def test_code_is_found_however_it_is_hidden(report, path):
    _, member, line, rule = SEEN[path]
    found = report("bandit" if rule.startswith("B") else "semgrep").findings

    assert (_shown(path), member, line, rule) in [(one.path, one.member, one.line, one.rule) for one in found]


@pytest.mark.parametrize("path", SEEN, ids=_shown)
def test_a_marker_is_found_however_it_is_hidden(report, path):
    _, member, line, rule = SEEN[path]
    wanted = "nosec" if rule.startswith("B") else "nosemgrep"

    def fits(one: Finding) -> bool:
        return (one.path, one.member, one.line, one.rule) == (_shown(path), member, line, wanted)

    assert len([one for one in report("markers").findings if fits(one)]) == 1


@pytest.mark.parametrize("tool", [*TOOLS, COVERAGE])
def test_a_scan_that_has_read_all_of_them_is_complete(report, tool):
    assert report(tool).state is ScanState.COMPLETE, report(tool).reason


def test_a_link_is_counted_and_followed_nowhere(report):
    found = report(COVERAGE).inventory

    assert found is not None
    assert found.kinds["link"] == 2
    assert found.files == len(SEEN) + len(SWITCHES) + 3
    assert not [one for one in report("bandit").findings if one.path.startswith(("decoy", "linked"))]


def test_a_finding_in_a_notebook_has_its_cell(report):
    (found,) = [one for one in report("bandit").findings if one.path == "cells.ipynb" and one.rule == "B605"]

    assert (found.cell, found.place) == (2, "cells.ipynb:14 (cell 2)")
    assert found.snippet.startswith("    os.system")


def test_a_link_too_many_never_stands_for_a_file_that_is_missing(tmp_path):
    from activities.scans.port import ScannerResult

    found = ScannerResult(
        version="1", findings=(), looked=frozenset({"a.py", "decoy.py"}), expected=frozenset({"a.py", "hidden.py"})
    )
    assert found.files_scanned == found.files_expected
    assert found.gap() == "1 file was not scanned: hidden.py"


def encrypted() -> bytes:
    data = bytearray(zipped(("a.py", W)))
    for at in (data.find(b"PK\x03\x04") + 6, data.find(b"PK\x01\x02") + 8):
        data[at] |= 1
    return bytes(data)


def deep(levels: int) -> bytes:
    data = zipped(("a.py", W))
    for _ in range(levels):
        data = zipped(("inner.zip", data))
    return data


NAMED: dict[str, tuple[bytes, str]] = {
    "x.7z": (b"7z\xbc\xaf\x27\x1c" + b"\0" * 40, "format 7z"),
    "x.rar": (b"Rar!\x1a\x07" + b"\0" * 40, "format rar"),
    "x.deb": (b"!<arch>\n" + b"\0" * 40, "format ar"),
    "x.zst": (b"\x28\xb5\x2f\xfd" + b"\0" * 40, "format zstd"),
    "secret.zip": (encrypted(), "encrypted"),
    "cut.zip": (b"PK\x03\x04" + b"\0" * 40, "cannot be read"),
    "cut.tgz": (tarred("w:gz", ("a.py", os.urandom(9_000)))[:4_000], "cannot be read"),
    "deep.zip": (deep(4), "deeper than 3"),
    "bomb.zip": (zipped(("zeros.py", b"\n" * 40_000_000)), "more than 32,000,000 bytes"),
    "bomb.gz": (gzip.compress(b"\n" * 40_000_000, 1), "more than 32,000,000 bytes"),
    "broken.ipynb": (b'{"cells": [', "not JSON"),
    "nested.ipynb": (b"[" * 100_000, "not JSON"),
    "odd.py": (b"# coding: utf-7\nx = 'a' + b\n", "not in utf_7"),
    "lfs.py": (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n", "LFS"),
    "m.pyc": (b"\0" * 16 + b"\xe3" + b"\0" * 40, "without its source"),
}
"""Path to content, and the reason why nothing has looked at it."""


@pytest.mark.parametrize("path", NAMED)
async def test_what_nothing_can_look_at_is_named_and_the_scan_is_incomplete(tmp_path, path):
    data, reason = NAMED[path]
    _write(tmp_path / "t", path, data)
    _write(tmp_path / "t", "plain.py", W)

    report = await Views(Target(tmp_path / "t"), tmp_path / "view").coverage(["bandit", "secrets"])

    assert report.state is ScanState.INCOMPLETE
    assert report.inventory is not None
    assert [one.path.partition("!")[0] for one in report.inventory.unscanned if one.gap] == [path]
    assert reason in report.reason


async def test_a_submodule_and_a_pipe_are_named_and_leave_no_gap(tmp_path):
    from domain.scans.files.model import Entry

    _write(tmp_path / "t", "plain.py", W)
    os.mkfifo(tmp_path / "t" / "pipe.py")
    target = Target(tmp_path / "t", absent=(Entry("lib", FileKind.SUBMODULE),))

    report = await Views(target, tmp_path / "view").coverage(["bandit", "secrets"])

    assert report.state is ScanState.COMPLETE
    assert report.inventory is not None
    assert [one.path for one in report.inventory.unscanned] == ["lib", "pipe.py"]


async def test_what_the_scan_itself_excludes_does_not_make_it_incomplete(tmp_path):
    _write(tmp_path / "t", "samples/x.7z", NAMED["x.7z"][0])

    def look(*exclude: str) -> Views:
        return Views(Target(tmp_path / "t", exclude=exclude), tmp_path / f"view-{len(exclude)}")

    assert (await look().coverage(["secrets"])).state is ScanState.INCOMPLETE
    assert (await look("samples/**").coverage(["secrets"])).state is ScanState.COMPLETE


async def test_nothing_of_an_archive_is_written_outside_of_the_view(tmp_path):
    names = ("../../../evil.py", "/etc/evil.py", "a/../../evil.py", "..\\evil.py", "con.py\0.txt")
    _write(tmp_path / "t", "x.zip", zipped(*((name, W) for name in names)))
    before = {path for path in tmp_path.rglob("*") if "view" not in path.parts}

    view = await Views(Target(tmp_path / "t"), tmp_path / "view").view()

    assert {path for path in tmp_path.rglob("*") if "view" not in path.parts} == before
    assert len([unit for unit in view.units.values() if unit.path == "x.zip"]) == len(names)


async def test_two_members_of_one_name_are_both_looked_at(tmp_path):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as opened:
        opened.writestr("a.py", "x = 1\n")
        with pytest.warns(UserWarning, match="Duplicate"):
            opened.writestr("a.py", WEAK)
    _write(tmp_path / "t", "x.zip", made.getvalue())

    view = await Views(Target(tmp_path / "t"), tmp_path / "view").view()

    assert sorted((view.root / name).read_text() for name in view.units) == [WEAK, "x = 1\n"]


async def test_the_bounds_for_archives_are_those_of_the_whole_scan(tmp_path, monkeypatch):
    from activities.scans import archives

    monkeypatch.setattr(archives.Budget, "__init__", lambda self: self.__dict__.update(members=3, bytes=1_000))
    for number in range(3):
        _write(tmp_path / "t", f"{number}.zip", zipped(("a.py", W), ("b.py", W)))

    report = await Views(Target(tmp_path / "t"), tmp_path / "view").coverage(["bandit"])

    assert report.state is ScanState.INCOMPLETE
    assert "bounds" in report.reason


@pytest.mark.parametrize(("tool", "path"), [("bandit", "samples/a.py"), ("secrets", "samples/x.7z")])
async def test_a_tools_own_gap_in_what_the_scan_excludes_is_none(tmp_path, tool, path):
    _write(tmp_path / "t", path, NAMED["x.7z"][0] if tool == "secrets" else b"def f(:\n")
    _write(tmp_path / "t", "plain.py", W)
    cache = FolderCache(tmp_path / "cache")
    scanning = Scanning(scanners(settings.load().tools), cache=cache)

    async def look(name: str, *exclude: str) -> ToolReport:
        target = Target((tmp_path / "t").resolve(), "a digest", exclude=exclude)
        return (await scanning.scan([tool], target, tmp_path / name, uuid4().hex, 100))[0]

    without, others = await look("a", "samples/**"), await look("b", "other/**")
    assert without.state is ScanState.COMPLETE, without.reason
    assert others.state is ScanState.INCOMPLETE
    assert path in others.reason


@pytest.mark.parametrize("path", ["big.py", "big.ipynb", "big.html"])
async def test_code_over_the_limit_is_named(tmp_path, monkeypatch, path):
    monkeypatch.setattr(view_of_code, "MAX_CODE", 1_000)
    monkeypatch.setattr(view_of_code, "MAX_PARSED", 1_000)
    _write(tmp_path / "t", path, b"#" * 2_000)

    report = await Views(Target(tmp_path / "t"), tmp_path / "view").coverage(["bandit"])

    assert report.state is ScanState.INCOMPLETE
    assert f"{path}: " in report.reason
    assert "more than 1,000 bytes" in report.reason


def test_a_file_that_is_too_big_to_be_copied_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(tree, "MAX_COPIED", 1_000)
    _write(tmp_path / "t", "big.txt", b"words " * 500)
    _write(tmp_path / "t", "plain.py", W)

    _, absent = tree.copied(tmp_path / "t", tmp_path / "copy")

    assert [(one.path, one.kind) for one in absent] == [("big.txt", FileKind.HUGE)]
    assert (tmp_path / "copy" / "plain.py").read_bytes() == W


async def test_a_file_that_cannot_be_opened_is_a_gap(tmp_path, monkeypatch):
    _write(tmp_path / "t", "closed", b"words\n")

    def refuse(path: str) -> tuple[bytes, bytes, int]:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(tree, "_read", refuse)
    report = await Views(Target(tmp_path / "t"), tmp_path / "view").coverage(["secrets"])

    assert report.state is ScanState.INCOMPLETE
    assert report.reason == "1 file that nothing has looked at: closed: it cannot be read"


async def test_a_zip_archive_of_too_many_names_is_named_without_reading_them(tmp_path, monkeypatch):
    from activities.scans import archives

    monkeypatch.setattr(archives, "MAX_DIRECTORY", 1_000)
    _write(tmp_path / "t", "x.zip", zipped(*((f"{number}.py", W) for number in range(30))))

    report = await Views(Target(tmp_path / "t"), tmp_path / "view").coverage(["bandit"])

    assert report.state is ScanState.INCOMPLETE
    assert "cannot be read to its end" in report.reason


async def test_what_is_not_read_in_time_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(view_of_code, "MAX_SECONDS", -1.0)
    _write(tmp_path / "t", "plain.py", W)

    report = await Views(Target(tmp_path / "t"), tmp_path / "view").coverage(["bandit"])

    assert report.state is ScanState.INCOMPLETE
    assert "plain.py: it was not read within" in report.reason


async def test_texts_are_tried_as_python_within_a_bound(tmp_path, monkeypatch):
    monkeypatch.setattr(view_of_code, "MAX_SNIFFED", len(W) + 1)
    _write(tmp_path / "t", "one", W)
    _write(tmp_path / "t", "two", W)

    view = await Views(Target(tmp_path / "t"), tmp_path / "view").view()

    assert len([name for name in view.units if name.endswith(".py")]) == 1
