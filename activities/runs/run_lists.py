"""Lists of runs and pipelines, page by page, from what is indexed for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

from activities.storage.condition import Condition
from activities.storage.schema import Rows
from domain.core.documents import Node
from domain.runs.naming import Named

RUN_COLUMNS = {"name": "id", "pipeline": "pipeline", "owner": "owner", "integrity": "integrity"}
"""Attributes of a run as a resource, to columns of the list of runs."""
PIPELINE_COLUMNS = {"name": "name", "pipeline": "name"}
_LISTED = (
    "id, pipeline, number, attempt, status, reason, stopped_by, commit_id, branch, event_kind, author, actor, message,"
    " owner, integrity, started_at, ended_at"
)
_SEARCHED = ("id", "commit_id", "branch", "author", "message")
LOOKED_AT = 20_000
"""Runs that one page looks at for a text, newest first: what a search costs does not grow with what is recorded."""
Before = tuple[float, str]
"""Start and id of the row that a page follows."""


@dataclass(frozen=True, kw_only=True)
class WantedRuns:
    """Empty fields want everything."""

    pipeline: str = ""
    status: str = ""
    branch: str = ""
    text: str = ""
    """In the id, the commit, the branch, the author or the message; ASCII letters in any case."""
    since: float = 0
    """Only those that started then or later, in seconds since the epoch."""
    named: Named | None = None
    """Only those that are named so."""


class ListedRun(TypedDict):
    """One attempt of a run, without what only its page needs."""

    id: str
    pipeline: str
    number: int
    attempt: int
    status: str
    reason: str
    stopped_by: str
    commit_id: str
    branch: str
    event_kind: str
    author: str
    actor: str
    message: str
    owner: str
    """Id of the principal that started it; empty: nobody's."""
    integrity: int
    started_at: float
    ended_at: float | None


class ListedPipeline(TypedDict):
    """A pipeline of which a run is recorded."""

    name: str
    repository: str
    path: str
    last_run: str
    runs: int


class RunLists:
    """Works on any `Rows`."""

    def __init__(self, database: Rows) -> None:
        self._database = database

    def runs(self, wanted: WantedRuns, before: Before | None, limit: int, may: Condition) -> list[ListedRun]:
        """Newest first, from the row after `before` on; `may`: which of them can be read."""
        where, values = _where(wanted, before)
        where.append(may.sql)
        values |= may.values
        if wanted.text:
            where.append("(" + " or ".join(f"lower({name}) like :text escape '!'" for name in _SEARCHED) + ")")
            values["text"] = f"%{_escaped(wanted.text.lower())}%"
        query = f"select {_LISTED} from pipeline_runs where {' and '.join(where)}"  # noqa: S608  (columns of this file)
        rows = self._database.rows(f"{query} order by started_at desc, id desc limit :limit", **values, limit=limit)
        return [_listed(Node(row)) for row in rows]

    def looked_at(self, wanted: WantedRuns, before: Before | None) -> float:
        """When the oldest run started that a page looks at for a text; 0: it looks at all that are left.

        Of all runs that the filters let through, whoever may read them: a time tells nothing of them.
        """
        where, values = _where(wanted, before)
        query = f"select started_at from pipeline_runs where {' and '.join(where) or '1 = 1'}"  # noqa: S608
        query = f"{query} order by started_at desc, id desc limit 1 offset :looked_at"
        rows = self._database.rows(query, **values, looked_at=LOOKED_AT - 1)
        return next((Node(row).need_number("started_at") for row in rows), 0)

    def named(self, ids: list[str]) -> dict[str, ListedRun]:
        """The rows of some runs; at most a few hundred."""
        if not ids:
            return {}
        values = {f"id_{index}": id_ for index, id_ in enumerate(ids)}
        listed = ", ".join(f":{name}" for name in values)
        rows = self._database.rows(f"select {_LISTED} from pipeline_runs where id in ({listed})", **values)  # noqa: S608
        return {str(row["id"]): _listed(Node(row)) for row in rows}

    def pipelines(self, after: str, limit: int, may: Condition) -> list[ListedPipeline]:
        """By name, from the one after `after` on."""
        query = f"select name, repository, path, last_run, runs from pipelines where name > :after and {may.sql}"  # noqa: S608
        values = {**may.values, "after": after, "limit": limit}
        rows = self._database.rows(f"{query} order by name limit :limit", **values)
        return [_pipeline(Node(row)) for row in rows]

    def pipeline(self, name: str) -> ListedPipeline | None:
        """None: no run of it is recorded."""
        query = "select name, repository, path, last_run, runs from pipelines where name = :name"
        return next((_pipeline(Node(row)) for row in self._database.rows(query, name=name)), None)


def _where(wanted: WantedRuns, before: Before | None) -> tuple[list[str], dict[str, str | int | float]]:
    """What an index answers."""
    where, values = list[str](), dict[str, str | int | float]()
    for column, value in (("pipeline", wanted.pipeline), ("status", wanted.status), ("branch", wanted.branch)):
        if value:
            where.append(f"{column} = :wanted_{column}")
            values[f"wanted_{column}"] = value
    if wanted.named and wanted.named.commit:
        where.append("commit_id >= :named_commit and commit_id < :named_end")
        values |= {"named_commit": wanted.named.commit, "named_end": wanted.named.commit + "g"}
    elif wanted.named:
        where.append("pipeline = :named_pipeline and number = :named_number")
        values |= {"named_pipeline": wanted.named.pipeline, "named_number": wanted.named.number}
    if wanted.since:
        where.append("started_at >= :since")
        values["since"] = wanted.since
    if before:
        where.append("(started_at, id) < (:before_at, :before_id)")
        values |= {"before_at": before[0], "before_id": before[1]}
    return where, values


def _escaped(text: str) -> str:
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def _listed(row: Node) -> ListedRun:
    return ListedRun(
        id=row.need_text("id"),
        pipeline=row.need_text("pipeline"),
        number=row.need_whole("number"),
        attempt=row.need_whole("attempt"),
        status=row.need_text("status"),
        reason=row.need_text("reason"),
        stopped_by=row.need_text("stopped_by"),
        commit_id=row.need_text("commit_id"),
        branch=row.need_text("branch"),
        event_kind=row.need_text("event_kind"),
        author=row.need_text("author"),
        actor=row.need_text("actor"),
        message=row.need_text("message"),
        owner=row.need_text("owner"),
        integrity=row.need_whole("integrity"),
        started_at=row.need_number("started_at"),
        ended_at=row["ended_at"].number_or_none(),
    )


def _pipeline(row: Node) -> ListedPipeline:
    return ListedPipeline(
        name=row.need_text("name"),
        repository=row.need_text("repository"),
        path=row.need_text("path"),
        last_run=row.need_text("last_run"),
        runs=row.need_whole("runs"),
    )
