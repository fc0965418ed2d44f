"""Columns and tables that lists read, filled from the rows that are there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

AT_ONCE = 500
_EVENT = ("branch", "event_kind", "author", "actor", "message", "owner")
_RELEASE = ("version", "strategy", "verdict", "reason")


def runs_and_releases() -> None:
    """Of 0003."""
    for name in _EVENT:
        op.add_column("pipeline_runs", sa.Column(name, sa.Text, nullable=False, server_default=""))
    op.add_column("pipeline_runs", sa.Column("integrity", sa.Integer, nullable=False, server_default="1"))
    for name in _RELEASE:
        op.add_column("releases", sa.Column(name, sa.Text, nullable=False, server_default=""))
    op.add_column("releases", sa.Column("cluster", sa.Text, nullable=False, server_default=""))
    op.create_table(
        "pipelines",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("repository", sa.Text, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("last_run", sa.Text, nullable=False),
        sa.Column("last_at", sa.Double, nullable=False),
        sa.Column("runs", sa.Integer, nullable=False),
    )
    op.create_table(
        "live_versions",
        sa.Column("environment", sa.Text, primary_key=True),
        sa.Column("service", sa.Text, primary_key=True),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("release", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("since", sa.Double, nullable=False),
    )
    _fill_runs()
    _fill_releases()
    _indexes()


def _indexes() -> None:
    op.drop_index("pipeline_runs_by_start", "pipeline_runs")
    op.create_index("pipeline_runs_by_start", "pipeline_runs", ["started_at", "id"])
    op.create_index("pipeline_runs_by_commit", "pipeline_runs", ["commit_id"])
    for name in ("pipeline", "status", "branch"):
        op.create_index(f"pipeline_runs_by_{name}", "pipeline_runs", [name, "started_at", "id"])
    op.create_index("releases_by_start", "releases", ["started_at", "id"])
    op.create_index("releases_by_end", "releases", ["ended_at", "environment"])
    for name in ("service", "environment", "run"):
        op.create_index(f"releases_by_{name}", "releases", [name, "started_at", "id"])
    op.create_index("live_versions_by_service", "live_versions", ["service", "environment"])
    op.create_index("live_versions_by_time", "live_versions", ["environment", "since"])


def _rows(query: str) -> Iterator[list[sa.RowMapping]]:
    """Read to the end before the first write: SQLite changes what it reads."""
    found = op.get_bind().execute(sa.text(query)).mappings().all()
    for begin in range(0, len(found), AT_ONCE):
        yield list(found[begin : begin + AT_ONCE])


def _document(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _text(value: object, most: int) -> str:
    return value[:most] if isinstance(value, str) else ""


def _fill_runs() -> None:
    pipelines: dict[str, dict[str, Any]] = {}
    sets = ", ".join(f"{name} = :{name}" for name in (*_EVENT, "integrity"))
    change = sa.text(f"update pipeline_runs set {sets} where id = :id")  # noqa: S608  (names of this file)
    query = "select id, pipeline, attempt, started_at, event, source, path from pipeline_runs order by started_at, id"
    for rows in _rows(query):
        events = [(row, _document(row["event"])) for row in rows]
        op.get_bind().execute(change, [{"id": row["id"], **_event(event)} for row, event in events])
        for row, event in events:
            known = pipelines.setdefault(row["pipeline"], _unknown(row["pipeline"]))
            repository = _text(event.get("repo"), 2_000) or _text(_document(row["source"]).get("repo"), 2_000)
            if repository and event.get("kind") != "pull-request":
                known |= {"repository": repository, "path": row["path"]}
            known |= {"last_run": row["id"], "last_at": row["started_at"]}
            known["runs"] += row["attempt"] == 1
    if pipelines:
        names = ("name", "repository", "path", "last_run", "last_at", "runs")
        values = ", ".join(f":{name}" for name in names)
        insert = f"insert into pipelines ({', '.join(names)}) values ({values})"  # noqa: S608
        op.get_bind().execute(sa.text(insert), list(pipelines.values()))


def _unknown(name: str) -> dict[str, Any]:
    return {"name": name, "runs": 0, "repository": "", "path": ""}


def _event(event: dict[str, Any]) -> dict[str, str | int]:
    lines = _text(event.get("message"), 10_000).strip().splitlines()
    return {
        "branch": _text(event.get("branch") or event.get("tag"), 200),
        "event_kind": _text(event.get("kind"), 200),
        "author": _text(event.get("author"), 200),
        "actor": _text(event.get("actor"), 200) if event.get("actor_from") else "",
        "message": lines[0][:500] if lines else "",
        "integrity": 0 if event.get("kind") == "pull-request" and not event.get("own_branch") else 1,
        "owner": f"person:{_text(event.get('actor'), 190)}" if event.get("actor_from") == "ssh" else "",
    }


def _fill_releases() -> None:
    live: dict[tuple[str, str], dict[str, Any]] = {}
    sets = ", ".join(f"{name} = :{name}" for name in _RELEASE)
    change = sa.text(f"update releases set {sets} where id = :id")  # noqa: S608
    for rows in _rows("select id, environment, service, number, ended_at, result from releases order by number, id"):
        results = [(row, _document(row["result"])) for row in rows]
        told = [{"id": row["id"], **{name: _text(one.get(name), 500) for name in _RELEASE}} for row, one in results]
        op.get_bind().execute(change, told)
        live |= {(row["environment"], row["service"]): _live(row, one) for row, one in results if _is_live(row, one)}
    if live:
        names = ("environment", "service", "version", "release", "number", "since")
        values = ", ".join(f":{name}" for name in names)
        insert = f"insert into live_versions ({', '.join(names)}) values ({values})"  # noqa: S608
        op.get_bind().execute(sa.text(insert), list(live.values()))


def _is_live(row: sa.RowMapping, result: dict[str, Any]) -> bool:
    return row["ended_at"] is not None and result.get("verdict") == "live"


def _live(row: sa.RowMapping, result: dict[str, Any]) -> dict[str, Any]:
    named = {name: row[name] for name in ("environment", "service", "number")}
    return {**named, "version": _text(result.get("version"), 500), "release": row["id"], "since": row["ended_at"]}
