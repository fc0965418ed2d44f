"""People and their access, the audit, and what pages are made from."""

import sqlalchemy as sa
from alembic import op

from activities.storage.migrations import exec_0003, listed_0003, rights_0003, server_0003

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    _changes()
    server_0003.server()
    _audit()
    _people()
    _logins()
    _machines()
    rights_0003.rights()
    _approvals()
    listed_0003.runs_and_releases()
    exec_0003.sessions()


def _changes() -> None:
    """What has changed, in order: pages that are live follow it."""
    op.create_table(
        "changes",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
    )


def _approvals() -> None:
    """Requests that wait for people."""
    op.create_table(
        "approvals",
        sa.Column("id", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("run", "job", "pipeline", "environment", "commit_id")),
        sa.Column("opened_at", sa.Double, nullable=False),
        sa.Column("expires_at", sa.Double, nullable=False),
        sa.Column("closed_at", sa.Double),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("opening", sa.Text, nullable=False),
        sa.Column("people", sa.Text, nullable=False),
    )
    op.create_index("approvals_open", "approvals", ["closed_at", "opened_at", "id"])
    op.create_index("approvals_of_run", "approvals", ["run"])


def _audit() -> None:
    """The log of who did what, its tree of hashes, and signed checkpoints."""
    op.create_table(
        "audit_entries",
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("kind", "outcome", "actor", "on_behalf_of")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("action", "resource", "body")),
    )
    for name in ("actor", "on_behalf_of", "resource", "action", "kind", "outcome"):
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


def _people() -> None:
    """Who there is beside `identities`, and what they prove it with."""
    op.create_table(
        "people",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("provider_groups", sa.Text, nullable=False),
        sa.Column("attributes", sa.Text, nullable=False),
        sa.Column("disabled", sa.Integer, nullable=False),
        sa.Column("issuer", sa.Text),
        sa.Column("subject", sa.Text),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.UniqueConstraint("issuer", "subject", name="one_person"),
    )
    op.create_table(
        "credentials",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("person", sa.Text, nullable=False, index=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("handle", sa.Text, unique=True),
        sa.Column("rp", sa.Text, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("uses", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("last_used_at", sa.Double, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("confirmed", sa.Integer, nullable=False),
    )


def _logins() -> None:
    """Sessions, logins under way, and one-time links: all by the hash of what the client holds."""
    op.create_table(
        "sessions",
        sa.Column("hash", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        sa.Column("person", sa.Text, nullable=False, index=True),
        sa.Column("way", sa.Text, nullable=False),
        sa.Column("browser", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Double, nullable=False) for name in ("began_at", "seen_at", "authenticated_at")),
        sa.Column("second_factor_at", sa.Double, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("address", "agent", "provider")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("provider_session", "provider_subject")),
    )
    op.create_table(
        "login_states",
        sa.Column("hash", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("browser", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("expires_at", sa.Double, nullable=False, index=True),
    )
    op.create_table(
        "login_links",
        sa.Column("hash", sa.Text, primary_key=True),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("expires_at", sa.Double, nullable=False),
        sa.Column("used_at", sa.Double),
    )
    op.create_table(
        "login_devices",
        sa.Column("hash", sa.Text, primary_key=True),
        sa.Column("code", sa.Text, nullable=False, unique=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("host", "address", "agent")),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("expires_at", sa.Double, nullable=False, index=True),
        sa.Column("polled_at", sa.Double, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
    )


def _machines() -> None:
    """Tokens, and the issuers of workloads."""
    op.create_table(
        "tokens",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("hash", sa.Text, nullable=False, unique=True),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False, index=True),
        sa.Column("workload", sa.Text, nullable=False),
        sa.Column("actions", sa.Text, nullable=False),
        sa.Column("resources", sa.Text, nullable=False),
        *(sa.Column(name, sa.Double, nullable=False) for name in ("created_at", "expires_at", "last_used_at")),
    )
