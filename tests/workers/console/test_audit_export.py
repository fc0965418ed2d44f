"""The audit as a file: whole, filtered, and only for who may."""

from __future__ import annotations

import json

import pytest

from domain.access.actions import Action
from tests.workers.console.site import reader


def test_an_export_has_every_entry_that_the_page_filters() -> None:
    with reader() as client:
        answer = client.get("/audit/export?outcome=denied")
        rows = [json.loads(line) for line in answer.text.splitlines()]
        assert [row["seq"] for row in rows] == [0, 7, 14, 21, 28, 35]
        assert answer.headers["content-disposition"] == "attachment; filename=audit.json"
        assert client.get("/audit/export?format=cef").text.startswith("CEF:0|Sluiceway|")


@pytest.mark.parametrize("allowed", [True, False])
def test_who_may_not_export_sees_why(allowed: bool) -> None:
    with reader(refused=frozenset() if allowed else frozenset({Action.AUDIT_EXPORT})) as client:
        assert client.get("/audit/export").status_code == (200 if allowed else 403)
        assert ('href="/audit/export"' in client.get("/audit").text) is allowed
