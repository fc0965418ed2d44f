"""Ways to hide code from scanners that report COMPLETE. Each is found where it lies, or named, and the scan is incomplete.

One scan of the real bandit, semgrep and markers looks at every way at once; beside each stands what is plainly found.
"""

import asyncio
import bz2
import gzip
import lzma
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from textwrap import indent
from uuid import uuid4

import pytest

from activities.scans.port import Target
from activities.scans.running.scan_runner import Scanning
from activities.scans.scanners.registry import scanners
from activities.scans.view.views import COVERAGE
from domain.scans.findings.model import Finding, ScanState, ToolReport
from tests.support.hidden_code import WEAK, S, W, notebook, tarred, write, zipped
from tests.support.once import once
from workers.core import settings

TOOLS = ("bandit", "semgrep", "markers")


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
    "ratio.js": (b"t = /[\"'`/]/ && a?.01:a?.5e3:b?.length\n" + S, "", 2, "javascript-html-from-values"),
    "ratio.html": (b"<p>\n<script>t = a?.01:1\n" + S + b"</script>", "", 3, "javascript-html-from-values"),
    "control.js": (b"// \x01\x02\x7f\n" + S, "", 2, "javascript-html-from-values"),
    "film.ts": (b"/* \x47 */\n" + S, "", 2, "javascript-html-from-values"),
    # files in files
    "run.sh": (b"python3 - <<'EOF'\n" + W + b"EOF\n", "", 6, "B605"),
    ".github/workflows/ci.yml": (
        b"jobs:\n  a:\n    steps:\n      - shell: python\n        run: |\n" + indent(WEAK, " " * 10).encode(),
        "",
        10,
        "B605",
    ),
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
    "index": (b"<!DOCTYPE html>\n<script>\n" + S + b"</script>", "", 3, "javascript-html-from-values"),
    "feed.xml": (
        b'<?xml version="1.0"?><f xmlns:h="http://www.w3.org/1999/xhtml">\n<h:script>\n' + S + b"</h:script></f>",
        "",
        3,
        "javascript-html-from-values",
    ),
    "frame.html": (
        b'<p>\n<iframe srcdoc="<script>document.write(location.hash)</script>"><!-- nosemgrep -->',
        "",
        2,
        "javascript-html-from-values",
    ),
    "view.php": (b"<?php a() ?>\n<script>\n" + S + b"</script>", "", 3, "javascript-html-from-values"),
    "card.pug": (b"p\nscript.\n  " + S, "", 3, "javascript-html-from-values"),
    "start.pth": (b"./lib\nimport os; os.system('ls ' + x)  # nosec\n", "", 2, "B605"),
    "unit.py.j2": (b"{% if a %}\n" + W + b"{% endif %}\n", "", 6, "B605"),
    "asia.py": (b"# coding: gbk\n# words\r" + W, "", 6, "B605"),
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
        write(root, path, data)
    for path, text in SWITCHES.items():
        write(root, path, text.encode())
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
