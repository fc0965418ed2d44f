"""The keys of a home: made once, shared by all processes, never replaced unseen."""

import json
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from domain.authority.hiding import Hiding
from domain.authority.seals import Kind, Message, Sealed
from domain.core.errors import SluicewayError
from workers.core.keyring import FILE, Keyring

MESSAGE = Message(kind=Kind.SIGNAL, name="lock", workflow_id="environment/web")
PARTS = [Sealed(b"json/plain", b"1")]


def ring(home: Path) -> Keyring:
    made = Keyring.of_home(home)
    made.make()
    return made


def test_keys_are_private(tmp_path: Path):
    ring(tmp_path)
    assert stat.S_IMODE((tmp_path / "keys" / FILE).stat().st_mode) == 0o600


def test_processes_that_make_the_first_key_at_once_agree(tmp_path: Path):
    code = (
        "import sys; from pathlib import Path; from workers.core.keyring import Keyring\n"
        "made = Keyring.of_home(Path(sys.argv[1])); made.make(); print(made.all().keys[-1].id)"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    assert len({one.communicate()[0] for one in started}) == 1


def test_a_rotated_key_seals_at_once_everywhere_and_the_old_one_verifies(tmp_path: Path):
    mine, other = ring(tmp_path), Keyring.of_home(tmp_path)
    before = mine.seal(MESSAGE, PARTS, "n", 1)
    id_ = mine.rotate()
    after = other.seal(MESSAGE, PARTS, "n", 1)
    assert after[0].key == id_ != before[0].key
    assert mine.refusal(MESSAGE, list(before), PARTS) == mine.refusal(MESSAGE, list(after), PARTS) == ""


def test_rotations_at_once_lose_no_key(tmp_path: Path):
    ring(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda _: Keyring.of_home(tmp_path).rotate(), range(8)))
    assert set(ids) <= {key.id for key in Keyring.of_home(tmp_path).all().keys}


def test_a_forgotten_key_verifies_nothing_and_the_newest_stays(tmp_path: Path):
    mine = ring(tmp_path)
    old = mine.seal(MESSAGE, PARTS, "n", 1)
    new = mine.rotate()
    mine.forget(old[0].key)
    mine.forget(new)
    assert [key.id for key in mine.all().keys] == [new]
    assert "is unknown" in mine.refusal(MESSAGE, list(old), PARTS)


@pytest.mark.parametrize("text", [None, "", "{}", '{"keys": [], "before": [], "before_until_ms": 0}', "\0"])
def test_lost_keys_are_an_error_and_never_new_ones(tmp_path: Path, text: str | None):
    mine, file = ring(tmp_path), tmp_path / "keys" / FILE
    file.unlink()
    if text is not None:
        file.write_text(text)
    for call in (mine.make, mine.rotate, lambda: Keyring.of_home(tmp_path).made):
        with pytest.raises(SluicewayError) as lost:
            call()
        assert lost.value.code == "SLW003"


def test_a_home_without_keys_cannot_seal(tmp_path: Path):
    with pytest.raises(SluicewayError) as missing:
        Keyring.of_home(tmp_path).seal(MESSAGE, PARTS, "n", 1)
    assert missing.value.code == "SLW003"


def test_what_began_before_the_first_key_may_lack_seals_for_a_while_and_no_longer(tmp_path: Path):
    mine = Keyring.of_home(tmp_path)
    mine.make(["old"], grace_s=60)
    until = mine.all().before_until_ms
    assert mine.is_older("old", until)
    assert not mine.is_older("old", until + 1)
    assert not mine.is_older("new", until)
    mine.close_upgrade()
    assert not mine.is_older("old", until)


def test_whether_payloads_are_encrypted_is_a_choice_of_the_home_and_is_remembered(tmp_path: Path):
    mine, other = ring(tmp_path), Keyring.of_home(tmp_path)
    assert mine.hiding is Hiding.NEVER
    other.hide(False)
    assert mine.hiding is Hiding.NEVER
    for hides, told in ((True, Hiding.NOW), (False, Hiding.BEFORE), (False, Hiding.BEFORE), (True, Hiding.NOW)):
        other.hide(hides)
        mine.rotate()
        assert (mine.hiding, Keyring.of_home(tmp_path).hiding) == (told, told)


def test_a_file_of_an_earlier_version_encrypts_nothing(tmp_path: Path):
    ring(tmp_path)
    path = tmp_path / "keys" / FILE
    written = json.loads(path.read_text())
    del written["hiding"]
    path.write_text(json.dumps(written))
    assert Keyring.of_home(tmp_path).hiding is Hiding.NEVER
