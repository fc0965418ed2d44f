"""An accepted risk that breaks a rule is a problem at its line."""

from __future__ import annotations

from pipeline_defs.documents import check

ENTRY = """apiVersion: sluiceway/v1
kind: Suppressions
suppressions:
  - reason: "it is only used in tests"
    owner: ann
    approver: ann
    since: 2026-01-01
    expires: 2026-03-01
    rule: bandit.B101
"""


def test_nobody_accepts_a_risk_of_their_own() -> None:
    problems = check(ENTRY.encode(), "s.yaml", lambda _: None).diagnostics
    assert [(one.code, one.line) for one in problems] == [("SLW309", 6)]
