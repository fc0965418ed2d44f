"""People and their access, the audit, and what pages are made from."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    _changes()
    _audit()


def _changes() -> None:
    """What has changed, in order: pages that are live follow it."""
    op.create_table(
        "changes",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
    )


def _audit() -> None:
    """The log of who did what, its tree of hashes, and signed checkpoints."""
    op.create_table(
        "audit_entries",
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("kind", "outcome", "actor", "on_behalf_of")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("action", "resource", "body")),
    )
    for name in ("actor", "resource", "action"):
        op.create_index(f"audit_entries_{name}", "audit_entries", [name, "seq"])
    op.create_index("audit_entries_at", "audit_entries", ["at_ms", "seq"])
    op.create_table(
        "audit_nodes",
        sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "audit_checkpoints",
        sa.Column("size", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("root", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
    )
