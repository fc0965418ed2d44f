"""Archives are opened to a depth of three; what is not opened is named."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.scans.view import archives
from activities.scans.view.archives import Budget, Member
from domain.scans.files.kinds import archive_format


def zipped(files: dict[str, bytes], prefix: bytes = b"", how: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", how) as out:
        for name, data in files.items():
            out.writestr(name, data)
    return prefix + made.getvalue()


def tarred(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as out:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            out.addfile(info, io.BytesIO(data))
    return made.getvalue()


def read(data: bytes, path: str = "a", *, also_packed: bool = False) -> list[Member]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, path)
        file.write_bytes(data)
        format_ = archive_format(data[:8_192], data[-65_557:])
        return list(archives.members(file, format_, Budget(archives.MAX_MEMBERS, archives.MAX_BYTES, also_packed)))


def opened(data: bytes, path: str = "a") -> dict[str, bytes]:
    return {one.name: one.data for one in read(data, path) if not one.problem}


def unopened(data: bytes) -> list[Member]:
    return [one for one in read(data) if one.problem]


FORMS: dict[str, Callable[[bytes], bytes]] = {
    "zip": lambda data: zipped({"x.py": data}),
    "stored zip": lambda data: zipped({"x.py": data}, how=zipfile.ZIP_STORED),
    "zip application": lambda data: zipped({"x.py": data}, b"#!/usr/bin/env python3\n"),
    "lzma zip": lambda data: zipped({"x.py": data}, how=zipfile.ZIP_LZMA),
    "tar": lambda data: tarred({"x.py": data}),
    "tar.gz": lambda data: gzip.compress(tarred({"x.py": data})),
    "tar.bz2": lambda data: bz2.compress(tarred({"x.py": data})),
    "tar.xz": lambda data: lzma.compress(tarred({"x.py": data})),
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
}


@pytest.mark.parametrize("form", FORMS)
@given(st.binary(min_size=1, max_size=200).map(lambda data: b"# " + data))
def test_what_was_packed_comes_out(form, data):
    assert data in opened(FORMS[form](data)).values()


def test_archives_in_archives_are_opened_three_deep_and_no_deeper() -> None:
    three = zipped({"c": tarred({"b": zipped({"a": b"found"})})})

    assert opened(three)["c!b!a"] == b"found"
    assert not unopened(three)
    (left,) = unopened(zipped({"d": three}))
    assert left.name == "d!c!b"
    assert "deep" in left.problem


def test_a_compressed_tar_is_one_archive() -> None:
    inner = gzip.compress(tarred({"b": gzip.compress(tarred({"a": zipped({"x": b"found"})}))}))

    assert b"found" in opened(inner).values()


def test_a_compressed_file_is_called_as_without_its_ending() -> None:
    assert list(opened(gzip.compress(b"x = 1\n"), "settings.py.gz")) == ["settings.py"]


def test_a_bomb_is_named_before_it_fills_the_memory() -> None:
    (left,) = unopened(gzip.compress(bytes(80_000_000)))

    assert "bytes" in left.problem


def test_a_bomb_of_bombs_is_named(monkeypatch) -> None:
    monkeypatch.setattr(archives, "MAX_BYTES", 5_000_000)
    small = zipped({f"{n}": bytes(200_000) for n in range(5)})
    left = unopened(zipped({f"{n}": small for n in range(60)}))

    assert left
    assert all("bounds" in one.problem for one in left)


def test_what_is_behind_the_end_of_a_compressed_tar_is_read_where_every_byte_is() -> None:
    data = gzip.compress(tarred({"a": b"x"}) + b"behind")

    assert b"behind" in b"".join(one.data for one in read(data, also_packed=True))


def test_an_archive_in_an_archive_is_read_itself_where_every_byte_is() -> None:
    inner = zipped({"a": b"x"}, b"before it")
    (itself, member) = read(zipped({"b": inner}), also_packed=True)

    assert (itself.data, itself.packed, member.name) == (inner, True, "b!a")


def test_too_many_members_are_named(monkeypatch) -> None:
    monkeypatch.setattr(archives, "MAX_MEMBERS", 50)
    (left,) = unopened(zipped({f"{n}": b"" for n in range(51)}))

    assert "bounds" in left.problem


def test_a_long_member_is_named_and_the_others_are_opened(monkeypatch) -> None:
    monkeypatch.setattr(archives, "MAX_MEMBER", 1_000)
    data = zipped({"long": bytes(2_000), "short": b"x"})

    assert opened(data) == {"short": b"x"}
    assert [one.name for one in unopened(data)] == ["long"]


@pytest.mark.parametrize("head", [b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07\x00", b"\x28\xb5\x2f\xfd", b"!<arch>\n"])
def test_a_format_that_is_not_opened_is_named(head):
    (left,) = unopened(head + bytes(500))

    assert "not opened" in left.problem


def test_an_encrypted_member_is_named() -> None:
    data = bytearray(zipped({"a": b"secret", "b": b"open"}))
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):
        at = data.find(mark) + (6 if mark == b"PK\x03\x04" else 8)
        data[at] |= 1

    assert [(one.name, one.problem) for one in unopened(bytes(data))] == [("a", "it is encrypted")]
    assert opened(bytes(data)) == {"b": b"open"}


def test_links_and_devices_in_a_tar_are_no_files() -> None:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as out:
        for name, kind in (("l", tarfile.SYMTYPE), ("d", tarfile.CHRTYPE), ("f", tarfile.FIFOTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            out.addfile(info)

    assert not opened(made.getvalue())
    assert not unopened(made.getvalue())


@given(st.sampled_from(list(FORMS)), st.integers(0, 400), st.integers(0, 255))
def test_a_damaged_archive_is_opened_or_named_and_never_an_error(form, at, byte):
    data = bytearray(FORMS[form](b"x = 1\n" * 20))
    data[at % len(data)] = byte

    read(bytes(data))
