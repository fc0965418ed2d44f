"""The keys of the engine's messages, as an operator sees them."""

import json
from pathlib import Path

from tests.support.command_line import call, said
from workers.core.keyring import Keyring


def test_a_rotation_adds_a_key_that_seals_and_keeps_the_one_before(home: Path) -> None:
    Keyring.of_home(home).make()
    old = Keyring.of_home(home).all().keys[-1].id
    new = json.loads(said("keys", "rotate", "--json"))["id"]
    listed = json.loads(said("keys", "list", "--json"))

    assert [(row["id"], row["seals"]) for row in listed] == [(old, False), (new, True)]
    assert f"{new}  made" in said("keys", "list")
    assert "seals from now on" in said("keys", "rotate")


def test_executions_from_before_the_first_key_are_counted(home: Path) -> None:
    Keyring.of_home(home).make(["a", "b"])

    assert "2 executions from before the first key" in said("keys", "list")


def test_a_home_without_keys_is_told_so(home: Path) -> None:
    code, _, err = call("keys", "rotate")

    assert (code, "SLW003" in err, "sluiceway up" in err) == (1, True, True)
