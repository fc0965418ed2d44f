"""Exec sessions: tickets, what is under way, and what has ended."""

import sqlalchemy as sa
from alembic import op


def sessions() -> None:
    op.create_table(
        "exec_sessions",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("ticket", sa.Text, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("person", "principal", "login", "address")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("cluster", "namespace", "pod", "container", "command")),
        sa.Column("tty", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("asked_at", sa.Double, nullable=False),
        *(sa.Column(name, sa.Double) for name in ("begun_at", "seen_at", "ended_at")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("end_by", "end_reason", "why", "recording")),
        sa.Column("exit_code", sa.Integer),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("bytes_in", "bytes_out")),
    )
    op.create_index("exec_sessions_by_ticket", "exec_sessions", ["ticket"])
    op.create_index("exec_sessions_open", "exec_sessions", ["ended_at", "seen_at"])
    op.create_index("exec_sessions_by_start", "exec_sessions", ["begun_at", "id"])
