"""Who may approve: keys that are made, replaced and removed, and approvals that nobody registered can grant."""

from pathlib import Path

import pytest

from tests.support.command_line import call

PIPELINE = """apiVersion: sluiceway/v1
kind: Pipeline
name: asks
jobs:
  ok: {approval: {users: [lead], per-group: {security: 1}}}
  now: {approval: {users: [lead], expires: 0}}
"""
ENVIRONMENT = "apiVersion: sluiceway/v1\nkind: Environment\nname: production\napproval: {users: [lead], quorum: 2}\n"


def test_a_key_is_replaced_and_an_identity_removed_with_its_key(home: Path, tmp_path: Path) -> None:
    call("identity", "add", "lead", "--group", "ops")
    key = tmp_path / "keys" / "lead.key"
    before = key.read_bytes()
    code, said, _ = call("identity", "rotate", "lead")

    assert (code, "new key" in said, key.read_bytes() != before) == (0, True, True)
    assert "groups ops" in call("identity", "list")[1]
    assert call("identity", "remove", "lead")[0] == 0
    assert (call("identity", "list")[1], key.exists()) == ("", False)


@pytest.mark.parametrize("verb", ["rotate", "remove"])
def test_an_unknown_identity_is_told(home: Path, verb: str) -> None:
    code, _, err = call("identity", verb, "nobody")

    assert (code, "SLW876" in err) == (1, True)


def test_lint_and_apply_say_which_approvals_nobody_can_grant(home: Path, tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(PIPELINE)
    (tmp_path / "e.yaml").write_text(ENVIRONMENT)
    alone = call("lint", "p.yaml", cwd=tmp_path)[1]
    call("identity", "add", "lead", "--group", "ops")
    code, known, _ = call("lint", "p.yaml", cwd=tmp_path)
    applied = call("apply", "e.yaml", cwd=tmp_path)

    assert ("expires at once" in alone, "group security" in alone) == (True, False)
    assert (code, "1 approval from group security needed" in known) == (0, True)
    assert (applied[0], "only 1 user may approve" in applied[2]) == (0, True)
