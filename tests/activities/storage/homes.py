"""Homes as the engines before SQLAlchemy made them: their statements, word for word, and a row in every table."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL

from activities.storage import new_home
from activities.storage.database import Database
from activities.storage.migration import migrate

BEFORE = """
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
ROWS = """
insert into runs values
  ('run/web/7', 'web', 7, 'c0ffee', 'failed', 'test', 'exit code 1', 1.5, 9.5, 'plan', '{}', 'page', 1, '{}', 'p.yaml'),
  ('run/web/7.2', 'web', 7, 'c0ffee', 'running', '', '', 10.5, null, 'plan', '{}', '', 2, '{}', 'p.yaml');
insert into jobs values ('run/web/7', 'test', 1, 'test', 'check', 'failed', 1.5, 9.5, '{"log":"abc"}');
insert into definitions values ('Environment', 'production', '{"trust": "signed"}');
insert into identities values ('ann', 'key', '["managers"]', '[]');
insert into releases values ('release/web/production/1', 'web', 'production', 1, 'run/web/7', 2.5, null, '{}');
insert into caches values ('web', 'repo', 'branch/main', 'key', 'digest', 60, 1.5, 2.5);
insert into baselines values ('web', 'repo', 'main', 'scan', 'run/web/7', 'c0ffee', 'report', 'signature', 1.5);
insert into attestations values ('subject', 'scan', 'digest');
"""
BEFORE_ATTEMPTS = """
create table runs (
  id text primary key, pipeline text not null, number integer not null, commit_id text not null default '',
  status text not null, stopped_by text not null default '', reason text not null default '',
  started_at real not null, ended_at real, plan text not null default '', event text not null default '{}',
  report text not null default '', unique (pipeline, number));
create index runs_by_start on runs (started_at);
insert into runs (id, pipeline, number, status, started_at) values ('run/web/7', 'web', 7, 'passed', 1);
"""


def home_of_before(path: Path, statements: str = BEFORE + ROWS) -> Path:
    with closing(sqlite3.connect(path)) as database:
        database.execute("pragma journal_mode = wal")
        database.executescript(statements)
    return path


def migrated(path: Path) -> Database:
    """An empty database with the schema that the migrations give."""
    database = Database(URL.create("sqlite", database=str(path)))
    migrate(database)
    return database


def write_script() -> None:
    """Renews the script for new homes from the migrations, for `make docs`."""
    with tempfile.TemporaryDirectory() as folder:
        new_home.SCRIPT.write_text(new_home.script(migrated(Path(folder) / "records.db")))
