"""audit: entries, proofs, exports and checks on the command line."""

from __future__ import annotations

import json

import pytest

from domain.access.audit import AuditEvent, AuditKind, AuditOutcome
from tests.support.command_line import call
from workers.core.records import open_records
from workers.core.settings import current


@pytest.fixture
def entries(home: object) -> None:
    records = open_records(current())
    for name in ("ann", "bob", "ann"):
        event = AuditEvent(kind=AuditKind.LOGIN, outcome=AuditOutcome.DENIED, actor=f"person:{name}")
        records.audit.record(event)
    records.close()


def test_a_query_shows_what_fits_the_oldest_first(entries: None) -> None:
    code, out, err = call("audit", "query", "--actor", "person:ann", "--json")
    assert code == 0, err
    assert [json.loads(line)["seq"] for line in out.splitlines()] == [0, 2]
    code, out, _ = call("audit", "query", "--limit", "1")
    assert (code, len(out.splitlines())) == (0, 1)
    assert "login denied: person:ann" in out
    assert call("audit", "query", "--since", "1h", "--until", "2020-01-01")[1] == ""
    assert call("audit", "query", "--since", "yesterday")[0] == 2


def test_an_export_is_recorded_and_has_the_form_that_is_asked_for(entries: None) -> None:
    _, out, _ = call("audit", "export", "--format", "cef")
    assert out.splitlines()[0].startswith("CEF:0|Sluiceway|Sluiceway|1|login:denied|")
    _, out, _ = call("audit", "export", "--format", "otlp", "--first", "2")
    records = json.loads(out)["resourceLogs"][0]["scopeLogs"][0]["logRecords"]
    assert [one["body"]["stringValue"] for one in records][1].startswith("export allowed: owner:owner")


def test_a_home_that_has_signed_nothing_proves_nothing_and_says_so(entries: None) -> None:
    code, out, err = call("audit", "prove", "0")
    assert code != 0
    assert "SLW483" in out + err
    code, out, err = call("audit", "verify", "--json")
    said = json.loads(out)
    assert (code, said["size"], said["signed"], said["problems"]) == (0, 3, 0, []), err


def test_a_kind_that_there_is_not_is_said_instead_of_finding_nothing(home: object) -> None:
    for option in ("--kind", "--outcome"):
        code, _, told = call("audit", "query", option, "nonsense")
        assert (code, "nonsense" in told) == (2, True)
    assert call("audit", "query", "--kind", "grant")[0] == 0
