"""The analysis of data flow as a scanner: a program of its own, whose gaps are named."""

from dataclasses import replace
from pathlib import Path

import pytest

from activities.scans.port import Target
from activities.scans.running.scan_runner import Scanning
from activities.scans.scanners.dataflow import program
from activities.scans.scanners.dataflow.dataflow import Dataflow
from domain.scans.counting import apart
from domain.scans.findings.model import FileClass, ScanState, Severity, ToolReport
from domain.scans.rules.lookup import BY_KEY
from domain.scans.rules.severity import rated
from domain.scans.spec import GateSpec
from workers.core import settings

NAME, TEXT, RULE = Dataflow.canary
NEWER = "def f[T](x: T) -> T:\n    return f'{'a'}'\n"


async def scanned(tmp_path: Path, files: dict[str, bytes], tools: Path | None = None) -> ToolReport:
    target = tmp_path / "target"
    for name, data in files.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_bytes(data)
    scanning = Scanning({"dataflow": Dataflow(tools or settings.load().tools)})
    (report,) = await scanning.scan(["dataflow"], Target(target.resolve()), tmp_path / "scratch", str(tmp_path), 60)
    return report


async def test_a_weakness_is_found_with_its_path_and_every_file_is_looked_at(tmp_path):
    report = await scanned(tmp_path, {NAME: TEXT.encode(), "a/b.py": b"x = 1\n", "notes.txt": b"x"})
    (one,) = report.findings

    assert (report.state, report.files_scanned, report.files_expected) == (ScanState.COMPLETE, 2, 2)
    assert (one.rule, one.path, one.line, one.trace[0].path) == (RULE, NAME, 6, NAME)


async def test_syntax_that_is_newer_than_the_engines_python_is_read_with_the_newest_there_is(tmp_path):
    report = await scanned(tmp_path, {"a.py": NEWER.encode(), NAME: TEXT.encode()})

    assert report.state is ScanState.COMPLETE, report.reason
    assert [one.rule for one in report.findings] == [RULE]


async def test_a_function_that_is_too_complex_to_follow_is_a_finding_and_the_others_are_followed(tmp_path):
    weak = BY_KEY["too-complex-to-follow"].weak
    report = await scanned(tmp_path, {"shop/filter.py": weak.encode(), NAME: TEXT.encode()})
    found = {one.path: (one.rule, one.line, one.severity) for one in report.findings}

    assert report.state is ScanState.COMPLETE, report.reason
    line = weak.splitlines().index("def clause():") + 1
    assert found["shop/filter.py"] == ("dataflow-not-followed", line, Severity.HIGH)
    assert found[NAME][0] == RULE


async def test_what_untrusted_data_has_reached_and_is_not_followed_counts_in_copies_of_others_code_too(tmp_path):
    report = await scanned(tmp_path, {"vendor/filter.py": BY_KEY["too-complex-to-follow"].weak.encode()})
    (one,) = rated(replace(each, file_class=FileClass.VENDORED) for each in report.findings)

    assert one.severity is Severity.HIGH
    assert not apart(GateSpec(), one)


HOSTILE = {
    "no python": b"def f(:\n",
    "null byte": b"x = 1\0\n",
    "wrong encoding": b"# coding: utf-8\nx = '\xff'\n",
    "unknown encoding": b"# coding: nothing\nx = 1\n",
    "deep": b"x = " + b"(" * 100_000 + b")" * 100_000,
    "deep lists": b"x = " + b"[" * 5_000 + b"]" * 5_000,
}


@pytest.mark.parametrize("what", HOSTILE)
async def test_a_file_that_cannot_be_read_is_named_and_the_others_are_looked_at(tmp_path, what):
    report = await scanned(tmp_path, {"bad.py": HOSTILE[what], NAME: TEXT.encode()})

    assert report.state is ScanState.INCOMPLETE
    assert "bad.py" in report.reason
    assert [one.rule for one in report.findings] == [RULE]


async def test_a_file_that_is_too_big_is_named(tmp_path):
    report = await scanned(tmp_path, {"big.py": b"#" * (program.MAX_BYTES + 1), NAME: TEXT.encode()})

    assert report.state is ScanState.INCOMPLETE
    assert "big.py" in report.reason
    assert [one.rule for one in report.findings] == [RULE]


async def test_nothing_of_the_repository_is_run_or_imported(tmp_path):
    lure = f"open({str(tmp_path / 'run')!r}, 'w')\n".encode()
    names = (
        "json.py",
        "ast.py",
        "sitecustomize.py",
        "domain/__init__.py",
        "domain/scans/dataflow/analyse.py",
        "conftest.py",
    )
    report = await scanned(tmp_path, {**dict.fromkeys(names, lure), NAME: TEXT.encode()})

    assert RULE in [one.rule for one in report.findings], report.reason
    assert not (tmp_path / "run").exists()


async def test_a_program_that_crashes_is_a_failed_scan(tmp_path):
    python = tmp_path / "tools" / "bandit" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\necho its last words\nexit 0\n")
    python.chmod(0o755)
    report = await scanned(tmp_path, {NAME: TEXT.encode()}, tmp_path / "tools")

    assert report.state is ScanState.FAILED
