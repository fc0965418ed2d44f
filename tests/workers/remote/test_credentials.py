"""Logins are in a file that only its owner reads, each for one server."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from domain.core.errors import SluicewayError
from workers.remote import credentials
from workers.remote.credentials import Login, Logins

A, B = "https://a.example", "https://b.example"


def test_what_is_saved_is_loaded(tmp_path: Path):
    file = tmp_path / "sluiceway" / "servers.json"
    made = Logins().with_login(A, Login(token="slw_a")).with_login(B, Login(token="slw_b", who="token:b"))
    credentials.save(made, file)
    assert credentials.load(file) == made
    assert made.last == B
    assert made.without(B).servers == {A: Login(token="slw_a")}


def test_only_the_owner_reads_the_file(tmp_path: Path):
    file = tmp_path / "sluiceway" / "servers.json"
    credentials.save(Logins().with_login(A, Login(token="slw_a")), file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o602])
def test_a_file_that_others_may_read_is_not_used(tmp_path: Path, mode: int):
    file = tmp_path / "servers.json"
    credentials.save(Logins(), file)
    file.chmod(mode)
    with pytest.raises(SluicewayError) as refused:
        credentials.load(file)
    assert refused.value.code == "SLW476"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"servers": 7}'])
def test_a_damaged_file_is_an_error_with_what_to_do(tmp_path: Path, content: bytes):
    file = tmp_path / "servers.json"
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(SluicewayError, match="cannot be used") as refused:
        credentials.load(file)
    assert refused.value.fix


def test_a_token_is_in_no_text_of_a_login():
    assert "slw_a" not in repr(Logins().with_login(A, Login(token="slw_a")))
