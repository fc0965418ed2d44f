"""Whatever lies beyond a bound of the search for secrets is named, and makes the scan INCOMPLETE."""

from __future__ import annotations

import base64
import gzip
import io
import os
import random
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from activities.scans.scanners.secrets import rule_files, searching
from domain.scans.secrets import bounds
from domain.scans.secrets.bounds import Bound

KEY = "AK" + "IAS76GPRGQJS2EMXUC"
RULES = rule_files.load()
EMPTY_BLOCK = b"\x00\x00\x00\xff\xff"
LONG_BLOCK = b"x\x01\x00\xff\xff\x00\x00"
NOISE = random.Random(7)


def coded(times: int) -> bytes:
    data = f"key = {KEY}\n".encode()
    for _ in range(times):
        data = base64.b64encode(data)
    return data


def helm(size: int) -> bytes:
    return base64.b64encode(gzip.compress(b"nothing to see here \n" * (size // 21)))


MADE: dict[str, Callable[[], bytes]] = {
    "HITS": lambda: "".join(f"A{n}_PASSWORD=Amsel{n}nest\n" for n in range(bounds.HITS.most + 10)).encode(),
    "UNPACKED": lambda: b"\x00" + zlib.compress(bytes(bounds.UNPACKED.most + 100)),
    "STREAMS": lambda: b"\x00" + zlib.compress(b"sixteen bytes of it") * (bounds.STREAMS.most + 1),
    "TRIED": lambda: b"\x00" + b"x\x9c\xff\xff" * (bounds.TRIED.most + 1),
    "READ": lambda: b"\x00" + LONG_BLOCK * 12_000,
    "SILENT": lambda: b"\x00x\x01" + EMPTY_BLOCK * 14_000,
    "INFLATED": lambda: helm(bounds.INFLATED.most + 100_000),
    "DEPTH": lambda: coded(bounds.DEPTH.most + 2),
    "FORMS": lambda: b"a: " + helm(3_000_000) + b"\nb: " + helm(2_900_000) + b"\n",
}


def missed(root: Path) -> list[Any]:
    found: Any = searching.of_folder(root, RULES)
    return list(found["missed"])


@pytest.mark.parametrize("name", MADE)
def test_what_goes_beyond_a_bound_is_named(name, tmp_path):
    (tmp_path / "a.env").write_bytes(MADE[name]())
    bound: Bound = getattr(bounds, name)
    ((path, why),) = missed(tmp_path)

    assert path == "a.env"
    assert bound.reason in why


def test_a_file_that_is_too_long_is_named(tmp_path):
    (tmp_path / "a.bin").touch()
    os.truncate(tmp_path / "a.bin", bounds.FILE.most + 1)  # it takes no place

    assert missed(tmp_path) == [["a.bin", bounds.FILE.reason]]


def test_a_stream_that_is_longer_than_a_piece_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(searching, "CHUNK_BYTES", 1_000)
    monkeypatch.setattr(searching, "OVERLAP_BYTES", 200)
    (tmp_path / "a.bin").write_bytes(b"\x00" * 700 + zlib.compress(NOISE.randbytes(3_000)))

    assert missed(tmp_path) == [["a.bin", bounds.CUT.reason]]


def test_a_stream_across_two_pieces_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(searching, "CHUNK_BYTES", 1_000)
    monkeypatch.setattr(searching, "OVERLAP_BYTES", 200)
    (tmp_path / "a.bin").write_bytes(b"\x00" * 700 + zlib.compress(f"{NOISE.randbytes(450).hex()}\n {KEY}\n".encode()))
    found: Any = searching.of_folder(tmp_path, RULES)

    assert [one["value"] for one in found["hits"]] == [KEY]
    assert not found["missed"]


def test_names_of_what_was_missed_are_counted_beyond_their_bound(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        for number in range(bounds.NAMES.most + 5):
            packed.writestr(f"{number}", b"")
        for info in packed.infolist():
            info.flag_bits |= 1  # encrypted
    found: Any = searching.of_folder(tmp_path, RULES)

    assert (len(found["missed"]), found["more"]) == (bounds.NAMES.most, 5)


def test_every_bound_has_a_test_here() -> None:
    assert {bounds.FILE, bounds.CUT, bounds.NAMES, *(getattr(bounds, name) for name in MADE)} == set(bounds.ALL)


def of_zip(size: int, change: Callable[[bytearray], None] = lambda data: None) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a.txt", b"nothing to see here\n" * (size // 20) + f"{KEY}\n".encode())
    data = bytearray(made.getvalue())
    change(data)
    return bytes(data)


def test_what_an_archive_says_of_itself_is_not_unpacked_twice(tmp_path):
    """A wheel of 20 MB is no gap."""
    (tmp_path / "a.whl").write_bytes(of_zip(20_000_000))
    found: Any = searching.of_folder(tmp_path, RULES)

    assert [one["member"] for one in found["hits"]] == ["a.txt"]
    assert not found["missed"]


def shortened(data: bytearray) -> None:
    """The directory says that the member has 20 bytes, as a reader that believes it would see."""
    at = data.index(b"PK\x01\x02")
    data[at + 16 : at + 20] = zlib.crc32(b"nothing to see here\n").to_bytes(4, "little")
    data[at + 24 : at + 28] = (20).to_bytes(4, "little")


def test_a_member_that_is_longer_than_the_directory_says_hides_nothing(tmp_path):
    (tmp_path / "a.zip").write_bytes(of_zip(2_000, shortened))
    found: Any = searching.of_folder(tmp_path, RULES)

    assert [one["value"] for one in found["hits"]] == [KEY]
