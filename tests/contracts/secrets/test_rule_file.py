"""Rules that two people set at the same moment are both kept."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from activities.secrets.rule_file import NAME, RuleFile
from domain.secrets.rules import SecretRule

SET = """
import sys
from pathlib import Path
from activities.secrets.rule_file import RuleFile
from domain.secrets.rules import SecretRule
for number in range(20):
    RuleFile(Path(sys.argv[1])).replace(f"{sys.argv[2]}-{number}", SecretRule(secret=f"{sys.argv[2]}-{number}"))
"""


def test_no_rule_is_lost_when_several_processes_set_some_at_once(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / NAME
    setting = [subprocess.Popen([sys.executable, "-c", SET, str(path), name]) for name in ("a", "b", "c", "d")]

    assert [one.wait(timeout=120) for one in setting] == [0] * 4
    kept = {one.secret for one in RuleFile(path).rules()}
    assert kept == {f"{name}-{number}" for name in "abcd" for number in range(20)}
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_rule_is_replaced_and_removed(tmp_path: Path) -> None:
    rules = RuleFile(tmp_path / "secrets" / NAME)
    rules.replace("one", SecretRule(secret="one"))
    rules.replace("one", SecretRule(secret="one", by_hand=True))
    assert [one.by_hand for one in rules.rules()] == [True]

    rules.replace("one", None)
    assert rules.rules() == ()
