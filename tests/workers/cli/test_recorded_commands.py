"""What the owner of a home changes by a command is in the audit, whether it works or not, and without secrets."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

from domain.access.audit import AuditEvent, entry_of
from tests.support.command_line import call
from workers import cli
from workers.core.records import open_records
from workers.core.settings import current

CHANGING = re.compile(
    r"add|remove|rotate|set|apply|cancel|rerun|pause|resume|promote|abort|rollback|create|register|scale|upgrade|delete"
    r"|expand|snapshot|encrypt"
)
ELSEWHERE = {"baseline set", "keys rotate"}
"""A baseline is a signed statement, and seals are no person's."""


def told() -> list[AuditEvent]:
    records = open_records(current())
    found = [entry_of(one.body.encode()).event for one in records.audit.store.entries()]
    records.close()
    return found


def test_a_change_has_an_intent_and_an_outcome(home: Path) -> None:
    assert call("environment", "add", "staging")[0] == 0
    intent, outcome = told()
    assert (intent.kind, intent.action, intent.resource) == ("intent", "environments:apply", "environment:staging")
    assert (outcome.kind, outcome.outcome, outcome.actor) == ("outcome", "done", "owner:owner")
    assert str(outcome.details["command"]).endswith("environment add")


def test_a_change_that_is_refused_says_by_which_code(home: Path) -> None:
    call("environment", "add", "staging")
    code, _, err = call("environment", "add", "staging")
    assert code != 0
    last = told()[-1]
    assert last.outcome == "failed"
    assert str(last.details["error"]) in err


def test_no_value_of_a_secret_is_in_the_audit(home: Path) -> None:
    call("secret", "set", "mail", "--rule-only", "--pipeline", "hidden-name")
    entries = told()
    assert [one.resource for one in entries] == ["secret:mail", "secret:mail"]
    assert "hidden-name" not in repr(entries)


def test_every_command_that_changes_something_is_recorded() -> None:
    source = {file.stem: file.read_text() for file in Path(cli.__path__[0]).glob("*.py")}
    bare = []
    for name, text in source.items():
        importlib.import_module(f"workers.cli.{name}")
        for found in re.finditer(r"@(\w+)\.command\(\"(\w+)\"(?:(?!\ndef ).)*?\n(?:    )?def ", text, re.DOTALL):
            words = f"{found[1].strip('_')} {found[2]}"
            by_port = "ask(" in text[found.end() :].partition("\n\n\n")[0]  # whose guard records it
            if CHANGING.fullmatch(found[2]) and "@recorded(" not in found[0] and not by_port and words not in ELSEWHERE:
                bare.append((name, words))
    assert bare == []
