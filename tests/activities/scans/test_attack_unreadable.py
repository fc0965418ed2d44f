"""What nothing can look at, or is only looked at within bounds: it is named, and the scan is incomplete."""

import gzip
import io
import os
import zipfile
from uuid import uuid4

import pytest

from activities.scans.port import Target
from activities.scans.running.result_cache import FolderCache
from activities.scans.running.scan_runner import Scanning
from activities.scans.scanners.registry import scanners
from activities.scans.view import tree
from activities.scans.view import view as view_of_code
from activities.scans.view.views import Views
from domain.scans.files.model import FileKind
from domain.scans.findings.model import ScanState, ToolReport
from tests.support.hidden_code import WEAK, W, tarred, write, zipped
from workers.core import settings


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
    "model.bin": (b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x02ls\x85R.", "os.system"),
    "model.pt": (zipped(("archive/data.pkl", b"\x80\x02cos\nsystem\nU\x02ls\x85R.")), "os.system"),
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
    write(tmp_path / "t", path, data)
    write(tmp_path / "t", "plain.py", W)

    report = await Views(Target(tmp_path / "t"), tmp_path / "view").coverage(["bandit", "secrets"])

    assert report.state is ScanState.INCOMPLETE
    assert report.inventory is not None
    assert [one.path.partition("!")[0] for one in report.inventory.unscanned if one.gap] == [path]
    assert reason in report.reason


async def test_a_submodule_and_a_pipe_are_named_and_leave_no_gap(tmp_path):
    from domain.scans.files.model import Entry

    write(tmp_path / "t", "plain.py", W)
    os.mkfifo(tmp_path / "t" / "pipe.py")
    target = Target(tmp_path / "t", absent=(Entry("lib", FileKind.SUBMODULE),))

    report = await Views(target, tmp_path / "view").coverage(["bandit", "secrets"])

    assert report.state is ScanState.COMPLETE
    assert report.inventory is not None
    assert [one.path for one in report.inventory.unscanned] == ["lib", "pipe.py"]


async def test_what_the_scan_itself_excludes_does_not_make_it_incomplete(tmp_path):
    write(tmp_path / "t", "samples/x.7z", NAMED["x.7z"][0])

    def look(*exclude: str) -> Views:
        return Views(Target(tmp_path / "t", exclude=exclude), tmp_path / f"view-{len(exclude)}")

    assert (await look().coverage(["secrets"])).state is ScanState.INCOMPLETE
    assert (await look("samples/**").coverage(["secrets"])).state is ScanState.COMPLETE


async def test_nothing_of_an_archive_is_written_outside_of_the_view(tmp_path):
    names = ("../../../evil.py", "/etc/evil.py", "a/../../evil.py", "..\\evil.py", "con.py\0.txt")
    write(tmp_path / "t", "x.zip", zipped(*((name, W) for name in names)))
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
    write(tmp_path / "t", "x.zip", made.getvalue())

    view = await Views(Target(tmp_path / "t"), tmp_path / "view").view()

    assert sorted((view.root / name).read_text() for name in view.units) == [WEAK, "x = 1\n"]


async def test_the_bounds_for_archives_are_those_of_the_whole_scan(tmp_path, monkeypatch):
    from activities.scans.view import archives

    monkeypatch.setattr(archives.Budget, "__init__", lambda self: self.__dict__.update(members=3, bytes=1_000))
    for number in range(3):
        write(tmp_path / "t", f"{number}.zip", zipped(("a.py", W), ("b.py", W)))

    report = await Views(Target(tmp_path / "t"), tmp_path / "view").coverage(["bandit"])

    assert report.state is ScanState.INCOMPLETE
    assert "bounds" in report.reason


@pytest.mark.parametrize(("tool", "path"), [("bandit", "samples/a.py"), ("secrets", "samples/x.7z")])
async def test_a_tools_own_gap_in_what_the_scan_excludes_is_none(tmp_path, tool, path):
    write(tmp_path / "t", path, NAMED["x.7z"][0] if tool == "secrets" else b"def f(:\n")
    write(tmp_path / "t", "plain.py", W)
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
    write(tmp_path / "t", path, b"#" * 2_000)

    report = await Views(Target(tmp_path / "t"), tmp_path / "view").coverage(["bandit"])

    assert report.state is ScanState.INCOMPLETE
    assert f"{path}: " in report.reason
    assert "more than 1,000 bytes" in report.reason


def test_a_file_that_is_too_big_to_be_copied_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(tree, "MAX_COPIED", 1_000)
    write(tmp_path / "t", "big.txt", b"words " * 500)
    write(tmp_path / "t", "plain.py", W)

    _, absent = tree.copied(tmp_path / "t", tmp_path / "copy")

    assert [(one.path, one.kind) for one in absent] == [("big.txt", FileKind.HUGE)]
    assert (tmp_path / "copy" / "plain.py").read_bytes() == W


async def test_a_file_that_cannot_be_opened_is_a_gap(tmp_path, monkeypatch):
    write(tmp_path / "t", "closed", b"words\n")

    def refuse(path: str) -> tuple[bytes, bytes, int]:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(tree, "_read", refuse)
    report = await Views(Target(tmp_path / "t"), tmp_path / "view").coverage(["secrets"])

    assert report.state is ScanState.INCOMPLETE
    assert report.reason == "1 file that nothing has looked at: closed: it cannot be read"


async def test_a_zip_archive_of_too_many_names_is_named_without_reading_them(tmp_path, monkeypatch):
    from activities.scans.view import archives

    monkeypatch.setattr(archives, "MAX_DIRECTORY", 1_000)
    write(tmp_path / "t", "x.zip", zipped(*((f"{number}.py", W) for number in range(30))))

    report = await Views(Target(tmp_path / "t"), tmp_path / "view").coverage(["bandit"])

    assert report.state is ScanState.INCOMPLETE
    assert "cannot be read to its end" in report.reason


async def test_what_is_not_read_in_time_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(view_of_code, "MAX_SECONDS", -1.0)
    write(tmp_path / "t", "plain.py", W)

    report = await Views(Target(tmp_path / "t"), tmp_path / "view").coverage(["bandit"])

    assert report.state is ScanState.INCOMPLETE
    assert "plain.py: it was not read within" in report.reason


async def test_texts_are_tried_as_python_within_a_bound(tmp_path, monkeypatch):
    monkeypatch.setattr(view_of_code, "MAX_SNIFFED", len(W) + 1)
    write(tmp_path / "t", "one", W)
    write(tmp_path / "t", "two", W)

    view = await Views(Target(tmp_path / "t"), tmp_path / "view").view()

    assert len([name for name in view.units if name.endswith(".py")]) == 1
    assert [one.path for one in view.unscanned if one.gap] == ["two"]


async def test_a_long_text_is_read_if_it_is_python_and_else_it_is_data(tmp_path, monkeypatch):
    monkeypatch.setattr(view_of_code, "MAX_TEXT", 200)
    monkeypatch.setattr(view_of_code, "MAX_CODE", 2_000)
    write(tmp_path / "t", "long", W + b"# words\n" * 100)
    write(tmp_path / "t", "longer", W + b"# words\n" * 1_000)
    write(tmp_path / "t", "data", b"words words\n" * 1_000)

    view = await Views(Target(tmp_path / "t"), tmp_path / "view").view()

    assert [unit.path for unit in view.units.values()] == ["long"]
    assert [one.path for one in view.unscanned] == ["longer"]
