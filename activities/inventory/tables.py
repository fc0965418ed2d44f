"""The tables of the inventory, as the migrations make them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Double, Index, Table, Text, text

from activities.storage.database import METADATA


def _text(*names: str, key: bool = False) -> list[Column[str]]:
    return [Column(name, Text, primary_key=key, nullable=False) for name in names]


def _whole(*names: str) -> list[Column[int]]:
    return [Column(name, BigInteger, nullable=False) for name in names]


def _moments(*names: str) -> list[Column[float]]:
    return [Column(name, Double, nullable=False) for name in names]


def _some(name: str, condition: str, *columns: str) -> Index:
    """An index of the rows for which this holds."""
    where = text(condition)
    return Index(name, *columns, sqlite_where=where, postgresql_where=where)


OBJECTS = Table(
    "inventory_objects",
    METADATA,
    *_text("cluster", "kind", "namespace", "name", key=True),
    *_text("uid"),
    *_whole("health"),
    *_text("status", "reason"),
    *_moments("since", "created_at"),
    *_text("node", "owner", "service", "environment", "version"),
    *_whole("wanted", "ready", "cpu_m", "memory_mb"),
    *_text("details"),
    Index("inventory_objects_by_name", "kind", "name", "cluster", "namespace"),
    Index("inventory_objects_by_place", "kind", "cluster", "namespace", "name", "health", "status", "environment"),
    _some(
        "inventory_objects_not_healthy",
        "health > 0",
        *("kind", "health", "cluster", "since", "service", "namespace", "name"),
    ),
    _some(
        "inventory_objects_by_service",
        "service <> ''",
        *("service", "kind", "cluster", "health", "version", "environment"),
    ),
    _some("inventory_objects_by_node", "node <> ''", "cluster", "node"),
)
"""`health` is `Health.rank`, `details` is JSON."""
COUNTS = Table(
    "inventory_counts",
    METADATA,
    *_text("cluster", "kind", "namespace", "status", key=True),
    Column("health", BigInteger, primary_key=True, autoincrement=False),
    *_whole("number", "cpu_m", "memory_mb"),
)
"""How many objects there are: equal to a count of OBJECTS, always."""
TOTALS = Table(
    "inventory_totals",
    METADATA,
    *_text("cluster", "kind", "status", key=True),
    Column("health", BigInteger, primary_key=True, autoincrement=False),
    *_whole("number", "cpu_m", "memory_mb"),
)
"""The same of whole clusters: the fleet is shown from few rows, however many namespaces there are."""
SERVICES = Table(
    "inventory_services",
    METADATA,
    *_text("cluster", "service", "environment", key=True),
    *_whole("placements", "bad", "worst", "versions"),
    Index("inventory_services_by_name", "service", "cluster", "worst", "bad"),
    _some("inventory_services_not_healthy", "worst > 0", "worst", "service", "cluster", "bad"),
)
"""What runs of a service in a cluster: how many placements, how many are unknown or degraded, the worst `Health.rank`,
and how many different versions."""
NAMES = Table("inventory_names", METADATA, *_text("service", key=True), *_whole("places"))
"""Every service, and how many rows of SERVICES it has."""
VERSIONS = Table(
    "inventory_versions", METADATA, *_text("cluster", "environment", "version", key=True), *_whole("number")
)
"""How many placements run a version."""
ENVIRONMENTS = Table(
    "inventory_environments",
    METADATA,
    *_text("cluster", "environment", key=True),
    *_whole("services", "bad", "mixed", "versions"),
)
"""How many services an environment has, how many of them are bad or run several versions, and all their versions."""
CLUSTERS = Table(
    "inventory_clusters",
    METADATA,
    *_text("name", key=True),
    *_text("provider", "status", "waits_for", "reason"),
    *_moments("since"),
    *_text("body"),
)
WATCHES = Table(
    "inventory_watches",
    METADATA,
    *_text("cluster", key=True),
    *_moments("heard_at", "synced_at"),
    *_text("trouble"),
    *_moments("trouble_since", "dialled_at"),
    *_text("body"),
)
"""`body` is JSON: version, certificates, unwatched, worker, and what a worker in the cluster may."""
EVENTS = Table(
    "inventory_events",
    METADATA,
    *_text("cluster", "uid", key=True),
    *_text("namespace", "kind", "name", "about", "reason", "message"),
    *_whole("count"),
    *_moments("first_at", "last_at", "ended_at"),
    *_text("ended_because"),
    Index("inventory_events_of_cluster", "cluster", "last_at", "uid"),
    Index("inventory_events_by_time", "last_at", "cluster", "uid"),
    _some("inventory_events_going", "ended_at = 0", "last_at", "cluster", "uid"),
    Index("inventory_events_of", "cluster", "namespace", "kind", "name"),
    Index("inventory_events_about", "cluster", "about"),
)
