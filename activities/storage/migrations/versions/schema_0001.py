"""Creates all tables; a home from before migrations keeps its rows.

Such homes have tables without a version, `runs` under that name, and the oldest have no attempts. Engines of that time
check no version: a view replaces `runs`, and their queries fail with the view's message.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

GUARD = "These records were migrated by a newer sluiceway: use that one, or restore the copy that lies beside them"
LATER_COLUMNS = {"attempt": "1", "source": "'{}'", "path": "''"}
"""Columns of `runs` that the oldest homes lack, with their default values."""


def upgrade() -> None:
    tables = set(sa.inspect(op.get_bind()).get_table_names())
    _runs()
    _what_runs_do()
    _what_is_kept()
    _what_is_registered()
    if "runs" in tables:
        _move_runs()
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f'create view runs as select * from "{GUARD}"')  # noqa: S608  (DDL has no parameters)
        op.execute("drop table if exists repositories")  # never written


def _move_runs() -> None:
    there = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("runs")}
    names = [column["name"] for column in sa.inspect(op.get_bind()).get_columns("pipeline_runs")]
    values = [name if name in there else LATER_COLUMNS[name] for name in names]
    op.execute(f"insert into pipeline_runs ({', '.join(names)}) select {', '.join(values)} from runs")  # noqa: S608
    op.execute("drop table runs")


def _runs() -> None:
    op.create_table(
        "pipeline_runs",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("pipeline", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("commit_id", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("stopped_by", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("started_at", sa.Double, nullable=False),
        sa.Column("ended_at", sa.Double),
        sa.Column("plan", sa.Text, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("report", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.UniqueConstraint("pipeline", "number", "attempt", name="one_attempt"),
    )
    op.create_index("pipeline_runs_by_start", "pipeline_runs", ["started_at"])


def _what_runs_do() -> None:
    op.create_table(
        "jobs",
        sa.Column("run", sa.Text, primary_key=True),
        sa.Column("job", sa.Text, primary_key=True),
        sa.Column("attempt", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("started_at", sa.Double),
        sa.Column("ended_at", sa.Double),
        sa.Column("result", sa.Text, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "releases",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("environment", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("run", sa.Text, nullable=False),
        sa.Column("started_at", sa.Double, nullable=False),
        sa.Column("ended_at", sa.Double),
        sa.Column("result", sa.Text, nullable=False),
        if_not_exists=True,
    )


def _what_is_kept() -> None:
    op.create_table(
        "caches",
        sa.Column("pipeline", sa.Text, primary_key=True),
        sa.Column("repo", sa.Text, primary_key=True),
        sa.Column("scope", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("made_at", sa.Double, nullable=False),
        sa.Column("used_at", sa.Double, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "baselines",
        sa.Column("pipeline", sa.Text, primary_key=True),
        sa.Column("repo", sa.Text, primary_key=True),
        sa.Column("branch", sa.Text, primary_key=True),
        sa.Column("job", sa.Text, primary_key=True),
        sa.Column("run", sa.Text, nullable=False),
        sa.Column("commit_id", sa.Text, nullable=False),
        sa.Column("report", sa.Text, nullable=False),
        sa.Column("signature", sa.Text, nullable=False),
        sa.Column("made_at", sa.Double, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "attestations",
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("digest", sa.Text, nullable=False),
        if_not_exists=True,
    )


def _what_is_registered() -> None:
    op.create_table(
        "definitions",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("body", sa.Text, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "identities",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("public_key", sa.Text, nullable=False),
        sa.Column("groups", sa.Text, nullable=False),
        sa.Column("roles", sa.Text, nullable=False),
        if_not_exists=True,
    )
