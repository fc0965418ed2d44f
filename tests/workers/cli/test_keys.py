"""The keys of the engine's messages, as an operator sees them."""

import json
from pathlib import Path

from domain.authority.hiding import Hiding
from tests.support.command_line import call, said
from tests.workers.cli.test_recorded_commands import told
from workers.core.keyring import Keyring


def test_a_rotation_adds_a_key_that_seals_and_keeps_the_one_before(home: Path) -> None:
    Keyring.of_home(home).make()
    old = Keyring.of_home(home).all().keys[-1].id
    new = json.loads(said("keys", "rotate", "--json"))["id"]
    listed = json.loads(said("keys", "list", "--json"))

    assert [(row["id"], row["seals"]) for row in listed] == [(old, False), (new, True)]
    assert f"{new}  made" in said("keys", "list")
    assert "seals from now on" in said("keys", "rotate")


def test_whether_payloads_are_encrypted_is_chosen_shown_and_recorded(home: Path) -> None:
    ring = Keyring.of_home(home)
    ring.make()
    assert "not encrypted: `sluiceway keys encrypt`" in said("keys", "list")
    assert json.loads(said("keys", "encrypt", "--json")) == {"encrypts": True}
    assert ("payloads are encrypted" in said("keys", "list"), ring.hiding) == (True, Hiding.NOW)
    assert [row["encrypts"] for row in json.loads(said("keys", "list", "--json"))] == [True]
    assert "not encrypted from now on" in said("keys", "encrypt", "--off")
    assert Keyring.of_home(home).hiding is Hiding.BEFORE  # another process's ring looks at most LOOK_S later
    assert {one.action for one in told()} == {"secrets:write"}


def test_executions_from_before_the_first_key_are_counted(home: Path) -> None:
    Keyring.of_home(home).make(["a", "b"])

    assert "2 executions from before the first key" in said("keys", "list")


def test_a_home_without_keys_is_told_so(home: Path) -> None:
    code, _, err = call("keys", "rotate")

    assert (code, "SLW003" in err, "sluiceway up" in err) == (1, True, True)
