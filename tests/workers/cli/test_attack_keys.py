"""Keys of people: not within reach of what the engine runs, and never two of one name."""

import stat
import subprocess
from pathlib import Path

import pytest

from tests.support.command_line import call
from workers.core.settings import load


@pytest.fixture
def keys(home: Path) -> Path:
    return load().keys


def test_no_private_key_of_a_person_lies_in_the_home(home: Path, keys: Path) -> None:
    """Redteam 08: what a job looks for, it does not find; the person finds it."""
    assert call("identity", "add", "lead", "--group", "ops")[0] == 0

    assert [*home.rglob("*.key")] == []
    assert not any(b"PRIVATE KEY" in file.read_bytes() for file in home.rglob("*") if file.is_file())
    assert stat.S_IMODE((keys / "lead.key").stat().st_mode) == 0o600


def test_a_second_key_of_the_same_name_is_refused(home: Path, keys: Path, tmp_path: Path) -> None:
    call("identity", "add", "lead", "--group", "ops")
    before, mine = call("identity", "list", "--json")[1], (keys / "lead.key").read_bytes()
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "eve")], check=True)
    code, _, err = call("identity", "add", "lead", "--group", "ops", "--public-key", str(tmp_path / "eve.pub"))

    assert (code, "SLW020" in err, "identity rotate lead" in err) == (3, True, True)
    assert call("identity", "list", "--json")[1] == before
    assert call("identity", "rotate", "lead", "--public-key", str(tmp_path / "eve.pub"))[0] == 0
    assert (keys / "lead.key").read_bytes() == mine


def test_a_lost_key_does_not_silently_become_a_new_one(home: Path, keys: Path) -> None:
    call("identity", "add", "lead")
    before = call("identity", "list", "--json")[1]
    (keys / "lead.key").unlink()
    assert call("identity", "add", "lead")[0] == 0

    assert call("identity", "list", "--json")[1] == before
    assert not (keys / "lead.key").exists()
    assert "new key" in call("identity", "rotate", "lead")[1]


def test_groups_of_a_known_person_change_without_a_new_key(home: Path, keys: Path) -> None:
    call("identity", "add", "lead", "--group", "ops")
    before = (keys / "lead.key").read_bytes()
    assert call("identity", "add", "lead", "--group", "others")[0] == 0

    assert "groups others" in call("identity", "list")[1]
    assert (keys / "lead.key").read_bytes() == before


@pytest.mark.parametrize("content", ["", "ssh-ed25519 AAAA eve", "-----BEGIN PRIVATE KEY-----\n"])
def test_what_is_no_public_key_is_not_registered(home: Path, tmp_path: Path, content: str) -> None:
    (tmp_path / "key").write_text(content)
    code, _, err = call("identity", "add", "eve", "--public-key", str(tmp_path / "key"))

    assert (code, "SLW024" in err, call("identity", "list")[1]) == (3, True, "")


def test_a_key_folder_inside_the_home_is_warned_of(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "warning" not in call("identity", "add", "one")[2]
    monkeypatch.setenv("SLUICEWAY_KEYS", str(home / "mine"))

    assert "lies in the engine's home" in call("identity", "add", "two")[2]


def test_keys_of_an_old_home_are_moved_and_nothing_is_overwritten(home: Path, keys: Path) -> None:
    call("identity", "add", "one")
    old, key = home / "identities", (keys / "one.key").read_bytes()
    old.mkdir()
    (keys / "one.key").rename(old / "one.key")
    assert call("identity", "move-keys")[0] == 0
    assert ((keys / "one.key").read_bytes(), [*old.iterdir()]) == (key, [])

    (old / "one.key").write_bytes(b"another")
    code, _, err = call("identity", "move-keys")
    assert (code, "SLW027" in err, (keys / "one.key").read_bytes()) == (3, True, key)
