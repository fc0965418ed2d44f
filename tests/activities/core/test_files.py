"""A file is the old one or the new one, never half of either."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from activities.core.files import FOR_ALL, read_bounded, replacing, write_atomically


def test_text_and_bytes_take_the_place_of_what_was_there(tmp_path: Path) -> None:
    write_atomically(tmp_path / "spec.json", "first")
    write_atomically(tmp_path / "spec.json", "zweite, größer".encode())
    assert (tmp_path / "spec.json").read_text() == "zweite, größer"
    assert [path.name for path in tmp_path.iterdir()] == ["spec.json"]


@pytest.mark.parametrize("mode", [0o600, FOR_ALL])
def test_it_is_for_its_owner_alone_unless_said(tmp_path: Path, mode: int) -> None:
    write_atomically(tmp_path / "key.pem", b"secret", mode)
    assert stat.S_IMODE((tmp_path / "key.pem").stat().st_mode) == mode


def test_a_failure_on_the_way_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    write_atomically(tmp_path / "db", "old")
    with pytest.raises(UnicodeEncodeError), replacing(tmp_path / "db") as new:
        new.write_text("not \udcff in UTF-8", encoding="utf-8")
    assert (tmp_path / "db").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["db"]


def test_a_missing_folder_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_atomically(tmp_path / "nowhere" / "file", "x")


def test_a_file_is_read_up_to_a_limit(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 10)
    assert read_bounded(tmp_path / "a", 20) == b"x" * 10
    assert read_bounded(tmp_path / "a", 4) == b"x" * 5
    assert read_bounded(tmp_path / "missing", 4) == b""


def test_links_folders_and_pipes_are_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("of the host")
    (tmp_path / "link").symlink_to(tmp_path / "secret")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name in ("link", "pipe", "folder"):
        with pytest.raises(ValueError, match=f"{name} is (not a regular file|a symbolic link)"):
            read_bounded(tmp_path / name, 100)
