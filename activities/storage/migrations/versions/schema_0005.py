"""What is in the clusters: objects, how many of each, their events, when each was last heard of, requests."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    _objects()
    _counts()
    _services()
    _clusters()
    _events()
    _requests()
    _changes()


def _text(*names: str, key: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, primary_key=key, nullable=False) for name in names]


def _whole(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger, nullable=False) for name in names]


def _moments(*names: str) -> list[sa.Column[float]]:
    return [sa.Column(name, sa.Double, nullable=False) for name in names]


def _objects() -> None:
    op.create_table(
        "inventory_objects",
        *_text("cluster", "kind", "namespace", "name", key=True),
        *_text("uid"),
        *_whole("health"),
        *_text("status", "reason"),
        *_moments("since", "created_at"),
        *_text("node", "owner", "service", "environment", "version"),
        *_whole("wanted", "ready", "cpu_m", "memory_mb"),
        *_text("details"),
    )
    op.create_index("inventory_objects_by_name", "inventory_objects", ["kind", "name", "cluster", "namespace"])
    op.create_index(
        "inventory_objects_by_place",
        "inventory_objects",
        ["kind", "cluster", "namespace", "name", "health", "status", "environment"],
    )
    _some("not_healthy", "health > 0", "kind", "health", "cluster", "since", "service", "namespace", "name")
    _some("by_service", "service <> ''", "service", "kind", "cluster", "health", "version", "environment")
    _some("by_node", "node <> ''", "cluster", "node")


def _some(name: str, condition: str, *columns: str) -> None:
    """An index of the objects for which this holds."""
    where = sa.text(condition)
    op.create_index(
        f"inventory_objects_{name}", "inventory_objects", list(columns), sqlite_where=where, postgresql_where=where
    )


def _counts() -> None:
    """Kept exact by the transaction that changes the objects."""
    op.create_table(
        "inventory_counts",
        *_text("cluster", "kind", "namespace", "status", key=True),
        sa.Column("health", sa.BigInteger, primary_key=True, autoincrement=False),
        *_whole("number", "cpu_m", "memory_mb"),
    )
    op.create_table(
        "inventory_totals",
        *_text("cluster", "kind", "status", key=True),
        sa.Column("health", sa.BigInteger, primary_key=True, autoincrement=False),
        *_whole("number", "cpu_m", "memory_mb"),
    )


def _services() -> None:
    """Kept by the same transaction: what the fleet shows is read from few rows."""
    op.create_table(
        "inventory_services",
        *_text("cluster", "service", "environment", key=True),
        *_whole("placements", "bad", "worst", "versions"),
    )
    op.create_index("inventory_services_by_name", "inventory_services", ["service", "cluster", "worst", "bad"])
    bad = sa.text("worst > 0")
    op.create_index(
        "inventory_services_not_healthy",
        "inventory_services",
        ["worst", "service", "cluster", "bad"],
        sqlite_where=bad,
        postgresql_where=bad,
    )
    op.create_table("inventory_names", *_text("service", key=True), *_whole("places"))
    op.create_table("inventory_versions", *_text("cluster", "environment", "version", key=True), *_whole("number"))
    op.create_table(
        "inventory_environments",
        *_text("cluster", "environment", key=True),
        *_whole("services", "bad", "mixed", "versions"),
    )


def _clusters() -> None:
    op.create_table(
        "inventory_clusters",
        *_text("name", key=True),
        *_text("provider", "status", "waits_for", "reason"),
        *_moments("since"),
        *_text("body"),
    )
    op.create_table(
        "inventory_watches",
        *_text("cluster", key=True),
        *_moments("heard_at", "synced_at"),
        *_text("trouble"),
        *_moments("trouble_since", "dialled_at"),
        *_text("body"),
    )


def _events() -> None:
    op.create_table(
        "inventory_events",
        *_text("cluster", "uid", key=True),
        *_text("namespace", "kind", "name", "about", "reason", "message"),
        *_whole("count"),
        *_moments("first_at", "last_at", "ended_at"),
        *_text("ended_because"),
    )
    op.create_index("inventory_events_of_cluster", "inventory_events", ["cluster", "last_at", "uid"])
    op.create_index("inventory_events_by_time", "inventory_events", ["last_at", "cluster", "uid"])
    going = sa.text("ended_at = 0")
    op.create_index(
        "inventory_events_going",
        "inventory_events",
        ["last_at", "cluster", "uid"],
        sqlite_where=going,
        postgresql_where=going,
    )
    op.create_index("inventory_events_of", "inventory_events", ["cluster", "namespace", "kind", "name"])
    op.create_index("inventory_events_about", "inventory_events", ["cluster", "about"])


def _requests() -> None:
    op.create_table(
        "cluster_requests",
        *_text("id", key=True),
        *_text("cluster"),
        *_whole("number"),
        *_text("namespace", "kind", "status", "requester", "environment", "why", "request_key"),
        *_moments("asked_at", "changed_at", "until"),
        *_text("body"),
        sa.UniqueConstraint("cluster", "number"),
    )
    op.create_index("cluster_requests_newest", "cluster_requests", ["asked_at", "id"])
    op.create_index("cluster_requests_of", "cluster_requests", ["cluster", "namespace", "asked_at"])
    op.create_index("cluster_requests_by_key", "cluster_requests", ["request_key"])
    op.add_column("approvals", sa.Column("cluster", sa.Text, nullable=False, server_default=""))


def _changes() -> None:
    """Of a key only the last change is kept."""
    op.create_index("changes_by_key", "changes", ["topic", "key"])
