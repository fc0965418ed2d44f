"""The table of approvals: what inboxes list without asking a workflow."""

from __future__ import annotations

from sqlalchemy import Column, Double, Executable, Index, Table, Text, bindparam, update

from activities.core import serialization as serial
from activities.storage.changes import Topic, note
from activities.storage.database import METADATA, Database, Values
from domain.approvals.opening import Opening
from domain.approvals.request import ChangeAuthors

APPROVALS = Table(
    "approvals",
    METADATA,
    Column("id", Text, primary_key=True),
    *(Column(name, Text, nullable=False) for name in ("run", "job", "pipeline", "environment", "commit_id")),
    Column("opened_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
    Column("closed_at", Double),
    Column("outcome", Text, nullable=False),
    Column("opening", Text, nullable=False),
    Column("people", Text, nullable=False),
    Column("cluster", Text, nullable=False, server_default=""),
    Index("approvals_open", "closed_at", "opened_at", "id"),
    Index("approvals_of_run", "run"),
)
_MADE_BY = update(APPROVALS).where(APPROVALS.c.id == bindparam("which")).values(people=bindparam("whom"))
_CLOSE = (
    update(APPROVALS)
    .where(APPROVALS.c.id == bindparam("which"), APPROVALS.c.closed_at.is_(None))
    .values(closed_at=bindparam("at"), outcome=bindparam("how"))
)


class ApprovalStore:
    """One row a request, by the id of its workflow. It only lists: what counts is in the workflow and the signer."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._open = database.insert(APPROVALS).on_conflict_do_nothing(index_elements=["id"])

    def open(self, id_: str, opening: Opening, expires_at: float) -> None:
        """A request begins to wait. Again, as a retried activity does, it changes nothing."""
        row: Values = {
            "id": id_,
            "run": opening.run,
            "job": opening.job,
            "pipeline": opening.pipeline,
            "environment": opening.environment,
            "commit_id": opening.commit,
            "opened_at": opening.at,
            "expires_at": expires_at,
            "closed_at": None,
            "outcome": "pending",
            "opening": serial.dump(opening).decode(),
            "people": "",
            "cluster": opening.cluster,
        }
        self._write(self._open, row, id_)

    def made_by(self, id_: str, people: ChangeAuthors) -> None:
        """Who made the change. Does nothing for what is not listed."""
        self._write(_MADE_BY, {"which": id_, "whom": serial.dump(people).decode()}, id_)

    def close(self, id_: str, outcome: str, at: float) -> None:
        """It waits no more. The first outcome stays."""
        self._write(_CLOSE, {"which": id_, "how": outcome, "at": at}, id_)

    def _write(self, statement: Executable, values: Values, id_: str) -> None:
        with self._database.write() as connection:
            if connection.execute(statement, values).rowcount:
                note(connection, Topic.APPROVALS, [id_])
