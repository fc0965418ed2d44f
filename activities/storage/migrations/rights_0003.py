"""Tables of rights: grants, labels, projects, sets of policies, and the decisions that policies are tried on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


def rights() -> None:
    """Of 0003."""
    _grants()
    _labels()
    _policies()


def _grants() -> None:
    op.create_table(
        "grants",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("kind", "principal", "role", "resource", "given_by")),
        *(sa.Column(name, sa.Double, nullable=False) for name in ("at", "until", "revoked_at")),
        sa.Column("revoked_by", sa.Text, nullable=False),
    )
    op.create_index("grants_of_resource", "grants", ["resource", "principal"])
    op.create_index("grants_of_principal", "grants", ["principal", "resource"])
    op.create_index("grants_by_giver", "grants", ["given_by", "kind"])
    op.create_table(
        "project_members",
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("project", sa.Text, nullable=False, index=True),
    )


def _labels() -> None:
    op.create_table(
        "labels",
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("integrity", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("set_by", "confirmed_by")),
        sa.Column("at", sa.Double, nullable=False),
    )
    op.create_table(
        "label_compartments",
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("compartment", sa.Text, primary_key=True),
    )
    op.create_table(
        "label_proposals",
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("proposed_by", sa.Text, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
    )


def _policies() -> None:
    op.create_table(
        "policy_sets",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("state", "text", "digest")),
    )
    active = sa.text("state = 'active'")
    op.create_index(
        "policy_sets_active", "policy_sets", ["name"], unique=True, sqlite_where=active, postgresql_where=active
    )
    op.create_table(
        "policy_steps",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("state", "person", "digest", "note")),
        sa.Column("at", sa.Double, nullable=False),
    )
    op.create_index("policy_steps_of", "policy_steps", ["name", "version"])
    op.create_table(
        "recorded_decisions",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
