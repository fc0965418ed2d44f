"""The record of every run, outside Temporal: what `runs`, `show` and `logs` read, also when Temporal is empty.

SQLite in write-ahead mode: the worker writes, the command line reads at the same time.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from domain.pipelines.cache import Entry

_SCHEMA = """
create table if not exists runs (
  id text primary key, pipeline text not null, number integer not null, commit_id text not null default '',
  status text not null, stopped_by text not null default '', reason text not null default '',
  started_at real not null, ended_at real, plan text not null default '', event text not null default '{}',
  report text not null default '', attempt integer not null default 1, source text not null default '{}',
  path text not null default '', unique (pipeline, number, attempt));
create index if not exists runs_by_start on runs (started_at);
create table if not exists jobs (
  run text not null, job text not null, attempt integer not null, kind text not null default '',
  stage text not null default '', status text not null, started_at real, ended_at real,
  result text not null default '{}', primary key (run, job, attempt));
create table if not exists definitions (kind text, name text, body text not null, primary key (kind, name));
create table if not exists repositories (repo text, path text, primary key (repo, path));
create table if not exists identities (
  name text primary key, public_key text not null, groups text not null, roles text not null);
create table if not exists releases (
  id text primary key, service text not null, environment text not null, number integer not null,
  run text not null, started_at real not null, ended_at real, result text not null default '{}');
create table if not exists caches (
  pipeline text not null, repo text not null, scope text not null, key text not null, digest text not null,
  size_bytes integer not null, made_at real not null, used_at real not null,
  primary key (pipeline, repo, scope, key));
create table if not exists baselines (
  pipeline text not null, repo text not null, branch text not null, job text not null, run text not null,
  commit_id text not null, report text not null, signature text not null, made_at real not null,
  primary key (pipeline, repo, branch, job));
create table if not exists attestations (
  subject text not null, kind text not null, digest text not null, primary key (subject, kind));
"""
_BEFORE_ATTEMPTS = """
alter table runs rename to runs_before;
drop index runs_by_start;
"""
"""A table whose unique numbers knew no attempts is made anew, and its rows are kept."""
_ATTEMPTS = """
insert into runs
    (id, pipeline, number, commit_id, status, stopped_by, reason, started_at, ended_at, plan, event, report)
  select id, pipeline, number, commit_id, status, stopped_by, reason, started_at, ended_at, plan, event, report
  from runs_before;
drop table runs_before;
"""


@dataclass(frozen=True)
class RunRow:
    """What is known of a run when it begins."""

    id: str
    pipeline: str
    number: int
    attempt: int
    commit: str
    plan: str
    event: str
    source: str
    """JSON of where its files come from."""
    path: str
    """Of its definition, in the repository."""


@dataclass(frozen=True)
class Identity:
    name: str
    public_key: str
    """Base64 of the raw ed25519 key."""
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


class Records:
    """One connection per thread; every write is one transaction."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        path.parent.mkdir(parents=True, exist_ok=True)
        old = [row["name"] for row in self._rows("pragma table_info(runs)")]
        with self._write() as db:
            before_attempts = bool(old) and "attempt" not in old
            db.executescript((_BEFORE_ATTEMPTS if before_attempts else "") + _SCHEMA)
            if before_attempts:
                db.executescript(_ATTEMPTS)

    def _db(self) -> sqlite3.Connection:
        db: sqlite3.Connection | None = getattr(self._local, "db", None)
        if db is None:
            db = sqlite3.connect(self._path, timeout=30, isolation_level=None, check_same_thread=False)
            db.row_factory = sqlite3.Row
            db.execute("pragma journal_mode = wal")
            db.execute("pragma synchronous = normal")
            self._local.db = db
        return db

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        db = self._db()
        db.execute("begin immediate")
        try:
            yield db
        except BaseException:
            if db.in_transaction:
                db.execute("rollback")
            raise
        if db.in_transaction:
            db.execute("commit")

    def _rows(self, query: str, arguments: Sequence[Any] = ()) -> list[dict[str, Any]]:
        return [dict(row) for row in self._db().execute(query, arguments)]

    def start_run(self, run: RunRow, kept: Sequence[tuple[Any, ...]] = ()) -> None:
        """One transaction, and once: a second call finds the first.

        `kept`: results of the attempt before, as (job, attempt, kind, stage, status, result, began, ended).
        """
        with self._write() as db:
            made = db.execute(
                "insert into runs"
                " (id, pipeline, number, attempt, commit_id, plan, event, source, path, status, started_at)"
                " values (?, ?, ?, ?, ?, ?, ?, ?, ?, 'running', ?) on conflict (id) do nothing",
                (*astuple(run), time.time()),
            )
            if made.rowcount:
                db.executemany(
                    "insert into jobs (run, job, attempt, kind, stage, status, result, started_at, ended_at)"
                    " values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    [(run.id, *row) for row in kept],
                )

    def attempts(self, pipeline: str, number: int) -> list[dict[str, Any]]:
        """Of one run, the oldest first."""
        query = "select * from runs where pipeline = ? and number = ? order by attempt"
        return self._rows(query, (pipeline, number))

    def last_results(self, run: str) -> dict[str, dict[str, Any]]:
        """Job, cell or item to the row of its last attempt, for those that have ended."""
        return {row["job"]: row for row in self.jobs(run) if row["ended_at"] is not None}

    def end_run(self, id_: str, status: str, stopped_by: str, reason: str, report: str, at: float) -> None:
        with self._write() as db:
            db.execute(
                "update runs set status = ?, stopped_by = ?, reason = ?, report = ?, ended_at = ? where id = ?",
                (status, stopped_by, reason, report, at, id_),
            )

    def job(
        self,
        run: str,
        job: str,
        attempt: int,
        kind: str,
        stage: str,
        status: str,
        result: str,
        span: tuple[float, float | None],
    ) -> None:
        """The state of one attempt; what has ended is never changed again."""
        with self._write() as db:
            db.execute(
                "insert into jobs (run, job, attempt, kind, stage, status, started_at, ended_at, result)"
                " values (?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (run, job, attempt) do update"
                " set status = excluded.status, ended_at = excluded.ended_at, result = excluded.result"
                " where jobs.ended_at is null",
                (run, job, attempt, kind, stage, status, span[0], span[1], result),
            )

    def run(self, id_: str) -> dict[str, Any] | None:
        rows = self._rows("select * from runs where id = ?", (id_,))
        return rows[0] if rows else None

    def runs(self, pipeline: str = "", limit: int = 50) -> list[dict[str, Any]]:
        where, arguments = ("where pipeline = ?", [pipeline]) if pipeline else ("", [])
        return self._rows(f"select * from runs {where} order by started_at desc limit ?", [*arguments, limit])  # noqa: S608

    def all_runs(self) -> Iterator[dict[str, Any]]:
        for row in self._db().execute("select id, plan, report, ended_at from runs"):
            yield dict(row)

    def all_releases(self) -> list[dict[str, Any]]:
        """The oldest first."""
        return self._rows("select * from releases order by number")

    def all_jobs(self) -> Iterator[dict[str, Any]]:
        """Every attempt of every job that has ended: its names, when, and whether its log is in the store."""
        for row in self._db().execute(
            'select run, job, attempt, ended_at, result not like \'%"log":""%\' as has_log from jobs'
            " where ended_at is not null"
        ):
            yield dict(row)

    def jobs(self, run: str) -> list[dict[str, Any]]:
        return self._rows("select * from jobs where run = ? order by started_at, job, attempt", (run,))

    def start_release(self, id_: str, service: str, environment: str, number: int, run: str) -> None:
        with self._write() as db:
            db.execute(
                "insert into releases (id, service, environment, number, run, started_at) values (?, ?, ?, ?, ?, ?)"
                " on conflict (id) do nothing",
                (id_, service, environment, number, run, time.time()),
            )

    def end_release(self, id_: str, result: str) -> None:
        with self._write() as db:
            db.execute("update releases set ended_at = ?, result = ? where id = ?", (time.time(), result, id_))

    def releases(self, service: str = "", limit: int = 50) -> list[dict[str, Any]]:
        where, arguments = ("where service = ?", [service]) if service else ("", [])
        query = f"select * from releases {where} order by started_at desc limit ?"  # noqa: S608
        return self._rows(query, [*arguments, limit])

    def releases_of(self, run: str) -> list[dict[str, Any]]:
        return self._rows("select * from releases where run = ? order by started_at", [run])

    def caches(self, pipeline: str = "", repo: str = "") -> list[Entry]:
        """Of one pipeline in one repository, or all."""
        where, arguments = (" where pipeline = ? and repo = ?", (pipeline, repo)) if pipeline else ("", ())
        query = f"select scope, key, digest, size_bytes, made_at, used_at from caches{where}"  # noqa: S608
        return [Entry(**row) for row in self._rows(query, arguments)]

    def save_cache(self, pipeline: str, repo: str, entry: Entry) -> None:
        """An entry that is there stays as it is."""
        with self._write() as db:
            db.execute(
                "insert into caches (pipeline, repo, scope, key, digest, size_bytes, made_at, used_at)"
                " values (?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing",
                (pipeline, repo, *astuple(entry)),
            )

    def cache_used(self, pipeline: str, repo: str, entry: Entry, at: float) -> None:
        with self._write() as db:
            db.execute(
                "update caches set used_at = ? where pipeline = ? and repo = ? and scope = ? and key = ?",
                (at, pipeline, repo, entry.scope, entry.key),
            )

    def drop_caches(self, entries: Sequence[Entry]) -> None:
        with self._write() as db:
            db.executemany(
                "delete from caches where scope = ? and key = ? and digest = ? and used_at = ?",
                [(entry.scope, entry.key, entry.digest, entry.used_at) for entry in entries],
            )

    def baseline(self, pipeline: str, repo: str, branch: str, job: str) -> dict[str, Any] | None:
        query = "select * from baselines where pipeline = ? and repo = ? and branch = ? and job = ?"
        return next(iter(self._rows(query, [pipeline, repo, branch, job])), None)

    def baselines(self) -> list[dict[str, Any]]:
        return self._rows("select * from baselines")

    def save_baseline(self, row: tuple[Any, ...]) -> None:
        """Pipeline, repository, branch, job, run, commit, report, signature, time; the one before is replaced."""
        with self._write() as db:
            db.execute("insert or replace into baselines values (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)

    def save_attestation(self, subject: str, kind: str, digest: str) -> None:
        with self._write() as db:
            db.execute("insert or replace into attestations values (?, ?, ?)", (subject, kind, digest))

    def attestation(self, subject: str, kind: str) -> str:
        """Digest of the envelope about an object; empty when there is none."""
        rows = self._rows("select digest from attestations where subject = ? and kind = ?", [subject, kind])
        return str(rows[0]["digest"]) if rows else ""

    def attestations(self) -> list[dict[str, Any]]:
        return self._rows("select * from attestations")

    def define(self, kind: str, name: str, body: str) -> None:
        with self._write() as db:
            db.execute(
                "insert into definitions (kind, name, body) values (?, ?, ?)"
                " on conflict (kind, name) do update set body = excluded.body",
                (kind, name, body),
            )

    def definition(self, kind: str, name: str) -> dict[str, Any] | None:
        rows = self._rows("select body from definitions where kind = ? and name = ?", (kind, name))
        body: dict[str, Any] | None = json.loads(rows[0]["body"]) if rows else None
        return body

    def definitions(self, kind: str) -> list[str]:
        return [row["name"] for row in self._rows("select name from definitions where kind = ? order by name", (kind,))]

    def add_identity(self, identity: Identity) -> None:
        with self._write() as db:
            db.execute(
                "insert into identities (name, public_key, groups, roles) values (?, ?, ?, ?) on conflict (name)"
                " do update set public_key = excluded.public_key, groups = excluded.groups, roles = excluded.roles",
                (identity.name, identity.public_key, json.dumps(identity.groups), json.dumps(identity.roles)),
            )

    def identity(self, name: str) -> Identity | None:
        found = [identity for identity in self.identities() if identity.name == name]
        return found[0] if found else None

    def identities(self) -> list[Identity]:
        rows = self._rows("select * from identities order by name")
        return [
            Identity(r["name"], r["public_key"], tuple(json.loads(r["groups"])), tuple(json.loads(r["roles"])))
            for r in rows
        ]
