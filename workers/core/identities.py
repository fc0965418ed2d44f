"""What the identities of this home say about a definition."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from domain.core.documents import Node
from domain.core.errors import SluicewayError
from workers.core.settings import Settings

if TYPE_CHECKING:
    from pipeline_defs.core.checked import Checked
    from pipeline_defs.core.diagnostics import Diagnostic


def registered(checked: Checked, chosen: Settings) -> list[Diagnostic]:
    """Warnings about approvals that nobody registered in this home can grant; none in a home without records."""
    if checked.source is None or not chosen.has_records:
        return []
    from activities.storage.reader import reader_of
    from domain.approvals.feasible import Person
    from pipeline_defs.pipelines import registered as rules

    try:
        rows = reader_of(chosen.records_place).rows("select * from identities")
    except SluicewayError:  # lint works without records, whatever is wrong with them
        return []
    people = [
        Person(row["name"].text(), _list(row["groups"].text()), _list(row["roles"].text())) for row in map(Node, rows)
    ]
    return list(rules.lint(checked.source, people))


def _list(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text or "[]"))
