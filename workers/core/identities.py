"""What this home says about a definition: its identities, its environments, and its clusters as they were last read."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from domain.core.documents import Node
from domain.core.errors import SluicewayError
from workers.core.settings import Settings

if TYPE_CHECKING:
    from domain.releases.kubernetes.registered import RegisteredTarget
    from pipeline_defs.core.checked import Checked
    from pipeline_defs.core.diagnostics import Diagnostic


def registered(checked: Checked, chosen: Settings) -> list[Diagnostic]:
    """Warnings about approvals that nobody registered in this home can grant, and about what clusters of registered
    environments cannot; none in a home without records.
    """
    if checked.source is None or not chosen.has_records:
        return []
    from activities.storage.reader import reader_of
    from domain.approvals.feasible import Person
    from pipeline_defs.pipelines import registered as rules
    from workers.core.known_clusters import KnownClusters

    records = reader_of(chosen.records_place)
    try:
        rows = records.rows("select * from identities")
        lacking = KnownClusters(records).lint(checked)
    except SluicewayError:  # lint works without records, whatever is wrong with them
        return []
    people = [
        Person(row["name"].text(), _list(row["groups"].text()), _list(row["roles"].text())) for row in map(Node, rows)
    ]
    return [*rules.lint(checked.source, people), *lacking]


def placed(checked: Checked, chosen: Settings, beside: Mapping[str, RegisteredTarget]) -> list[Diagnostic]:
    """Errors of jobs that their environment refuses, when it is known here.

    `beside`: environment to its place, of files that are linted with it; they count before records.
    """
    if checked.source is None:
        return []
    from pipeline_defs.pipelines import places_lint

    return list(places_lint.lint(checked.source, {**_targets(chosen), **beside}))


def beside(all_: Iterable[Checked]) -> dict[str, RegisteredTarget]:
    """Environment to its place, of the documents that register one."""
    from pipeline_defs.pipelines import places_lint

    return {name: place for one in all_ if one.source for name, place in places_lint.targets_of(one.source).items()}


def _targets(chosen: Settings) -> dict[str, RegisteredTarget]:
    if not chosen.has_records:
        return {}
    from activities.storage.reader import reader_of
    from domain.releases.kubernetes.registered import RegisteredTarget, text_of
    from domain.releases.kubernetes.registered import registered as target_of

    found: dict[str, RegisteredTarget] = {}
    with contextlib.suppress(SluicewayError, ValueError):  # lint works without records, whatever is wrong with them
        for row in reader_of(chosen.records_place).rows(
            "select name, body from definitions where kind = 'Environment'"
        ):
            target = target_of(text_of(Node(json.loads(Node(row)["body"].text())).object()))
            found[Node(row)["name"].text()] = target or RegisteredTarget()
    return found


def _list(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text or "[]"))
