"""Approvals that nobody can grant are told while a definition is linted."""

from __future__ import annotations

import pytest

from pipeline_defs.documents import check

HEAD = "apiVersion: sluiceway/v1\nkind: Pipeline\nname: p\njobs:\n  ok: {approval: "


@pytest.mark.parametrize(
    ("approval", "why"),
    [
        ("{users: [lead], expires: 0}", "it expires at once"),
        ("{users: [lead], per-group: {security: 2}}", "only 1 user may approve"),
    ],
)
def test_a_rule_that_can_never_be_met_is_a_warning(approval: str, why: str) -> None:
    found = check(f"{HEAD}{approval}}}\n".encode(), "p.yaml", lambda path: None).diagnostics
    assert [(one.code, one.severity) for one in found] == [("SLW210", "warning")]
    assert why in found[0].message
