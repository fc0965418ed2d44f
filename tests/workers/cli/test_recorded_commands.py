"""What the owner of a home changes by a command is in the audit, whether it works or not, and without secrets."""

from __future__ import annotations

from pathlib import Path

from domain.access.audit import AuditEvent, entry_of
from tests.support.command_line import call
from workers.core.records import open_records
from workers.core.settings import current


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
    assert outcome.details["state"] == "registered"
    assert len(str(outcome.details["digest"])) == 64


def test_a_change_that_is_refused_says_by_which_code(home: Path) -> None:
    code, _, err = call("policy", "remove", "unknown")
    assert code != 0
    last = told()[-1]
    assert last.outcome == "failed"
    assert str(last.details["error"]) in err


def test_no_value_of_a_secret_is_in_the_audit(home: Path) -> None:
    call("secret", "set", "mail", "--rule-only", "--pipeline", "hidden-name")
    entries = told()
    assert [one.resource for one in entries] == ["secret:mail", "secret:mail"]
    assert "hidden-name" not in repr(entries)
