"""Whose right it takes to read what Temporal keeps of an execution, with what the records say of that resource."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import cached_property

from activities.access.approval_lists import ApprovalLists
from activities.runs.run_lists import RunLists
from domain.access.resource import ResourceKind
from domain.authority.payload_owners import Question, question
from workers.client.on_engine.approvals.approvals import approval_resource
from workers.client.on_engine.parts import EngineParts
from workers.client.on_engine.runs import run_rows


class PayloadOwners:
    """Of one home."""

    def __init__(self, parts: EngineParts) -> None:
        self._parts = parts

    @cached_property
    def _runs(self) -> RunLists:
        return RunLists(self._parts.rows)

    @cached_property
    def _approvals(self) -> ApprovalLists:
        return ApprovalLists(self._parts.rows)

    def of(self, ids: Collection[str]) -> Mapping[str, Question | None]:
        """The question of each execution, by its id. Blocks."""
        asked = {id_: question(id_) for id_ in ids}
        runs = self._runs.named([id_ for id_ in ids if id_.startswith("run/") and asked[id_]])
        return {id_: self._placed(id_, one) if one else None for id_, one in asked.items()} | {
            id_: replace(one, resource=run_rows.resource_of(row))
            for id_, row in runs.items()
            if (one := asked.get(id_)) is not None
        }

    def _placed(self, id_: str, asked: Question) -> Question:
        """An approval is of the environment, too, that its run asks for."""
        if not id_.startswith("approval/") or asked.resource.kind is not ResourceKind.RUN:
            return asked
        return replace(asked, resource=approval_resource(id_, self._approvals.get(id_)))
