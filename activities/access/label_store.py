"""The tables of labels, and of those that wait for a second security administrator."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Column, Connection, Double, Integer, Table, Text, bindparam, delete, insert, select

from activities.storage.changes import Topic, note
from activities.storage.database import METADATA, Database
from domain.access.labels import Label
from domain.core.documents import Node

LABELS = Table(
    "labels",
    METADATA,
    Column("subject", Text, primary_key=True),
    Column("level", Integer, nullable=False),
    Column("integrity", Integer, nullable=False),
    *(Column(name, Text, nullable=False) for name in ("set_by", "confirmed_by")),
    Column("at", Double, nullable=False),
)
COMPARTMENTS = Table(
    "label_compartments",
    METADATA,
    Column("subject", Text, primary_key=True),
    Column("compartment", Text, primary_key=True),
)
PROPOSALS = Table(
    "label_proposals",
    METADATA,
    Column("subject", Text, primary_key=True),
    Column("body", Text, nullable=False),
    Column("proposed_by", Text, nullable=False),
    Column("at", Double, nullable=False),
)
_PERSONS = "person:%"
_OF = select(LABELS, COMPARTMENTS.c.compartment).outerjoin(COMPARTMENTS, COMPARTMENTS.c.subject == LABELS.c.subject)
_ANY = select(LABELS.c.subject).where(LABELS.c.subject.not_like(_PERSONS)).limit(1)
_PAGE = select(LABELS.c.subject).where(LABELS.c.subject > bindparam("after")).order_by(LABELS.c.subject)
_PROPOSAL = select(PROPOSALS).where(PROPOSALS.c.subject == bindparam("of")).with_for_update()


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A label that one security administrator wants."""

    subject: str
    label: Label
    by: str
    at: float


class LabelStore:
    """A label for each person and resource that has one."""

    def __init__(self, database: Database) -> None:
        self._database = database
        row = database.insert(PROPOSALS)
        newer = {name: row.excluded[name] for name in ("body", "proposed_by", "at")}
        self._propose = row.on_conflict_do_update(index_elements=["subject"], set_=newer)

    def of(self, subjects: Collection[str]) -> dict[str, Label]:
        """By subject; those without a label are left out."""
        rows = self._database.select(_OF.where(LABELS.c.subject.in_(sorted(subjects))))
        found: dict[str, Label] = {}
        for row in rows:
            before = found.get(row["subject"], Label()).compartments
            more = {row["compartment"]} if row["compartment"] else set()
            found[row["subject"]] = Label(level=row["level"], compartments=before | more, integrity=row["integrity"])
        return found

    def page(self, after: str, limit: int) -> dict[str, Label]:
        """By subject, in order."""
        names = [
            row["subject"] for row in self._database.select(_PAGE.limit(bindparam("most")), after=after, most=limit)
        ]
        found = self.of(names) if names else {}
        return {name: found[name] for name in names}

    def any_of_resources(self) -> bool:
        """Whether anything but people has a label."""
        return bool(self._database.select(_ANY))

    def set(self, connection: Connection, subject: str, label: Label, by: str, confirmed_by: str, now: float) -> None:
        """Replaces the label, and ends its proposal."""
        for table in (LABELS, COMPARTMENTS, PROPOSALS):
            connection.execute(delete(table).where(table.c.subject == subject))
        row = {"subject": subject, "level": label.level, "integrity": label.integrity, "at": now}
        connection.execute(insert(LABELS), {**row, "set_by": by, "confirmed_by": confirmed_by})
        note(connection, Topic.ACCESS, [subject])
        if label.compartments:
            rows = [{"subject": subject, "compartment": one} for one in sorted(label.compartments)]
            connection.execute(insert(COMPARTMENTS), rows)

    def propose(self, connection: Connection, proposal: Proposal) -> None:
        """Replaces an older one of the same subject."""
        row = {"subject": proposal.subject, "body": _text(proposal.label), "proposed_by": proposal.by}
        connection.execute(self._propose, {**row, "at": proposal.at})

    def proposal(self, connection: Connection, subject: str) -> Proposal | None:
        """What waits for a second person, and stays as it is until this transaction ends."""
        row = connection.execute(_PROPOSAL, {"of": subject}).mappings().first()
        if row is None:
            return None
        return Proposal(subject=subject, label=_label(row["body"]), by=row["proposed_by"], at=row["at"])


def _text(label: Label) -> str:
    return json.dumps([label.level, sorted(label.compartments), label.integrity])


def _label(text: str) -> Label:
    level, compartments, integrity = Node(json.loads(text))
    some = frozenset(one.need_text() for one in compartments)
    return Label(level=int(level.need_number()), compartments=some, integrity=int(integrity.need_number()))
