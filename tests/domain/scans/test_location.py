"""Where a finding is: its statement, its scope, and what stands around it."""

from domain.scans.findings.location import Source, located
from domain.scans.findings.model import Finding, FindingKind, Severity

TEXT = "def login():\n    user = 'root'\n    password = 'hunter2'\n    return connect(user, password)\n"


def at_line_three(kind: FindingKind) -> Finding:
    one = Finding(tool="t", rule="r", kind=kind, severity=Severity.LOW, message="", path="a.py", line=3, end_line=3)
    return located(one, Source("a.py", TEXT))


def test_a_weak_statement_is_told_with_its_neighbours():
    found = at_line_three(FindingKind.SAST)

    assert found.scope == "login"
    assert found.context
    assert "hunter2" in found.snippet


def test_of_a_secret_nothing_is_told_that_its_value_could_be_guessed_by():
    found = at_line_three(FindingKind.SECRET)

    assert (found.scope, found.code, found.snippet, found.context) == ("login", "", "", ())
