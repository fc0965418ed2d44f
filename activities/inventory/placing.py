"""What runs where of the services that a transaction has touched: looked up again, and counts changed by that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select, text, update

from activities.inventory.tables import ENVIRONMENTS, NAMES, OBJECTS, SERVICES, VERSIONS
from activities.inventory.upserts import adding, replacing
from activities.storage.database import Database
from domain.inventory.model import PLACED
from domain.inventory.rollup import BAD

AT_ONCE = 300
Values = dict[str, Any]
Place = tuple[str, str]
"""Service and environment."""
_O, _S = OBJECTS.c, SERVICES.c
_RUNNING = (
    select(_O.service, _O.environment, _O.version, _O.health, func.count().label("number"))
    .where(
        text("service <> ''"),  # as the index says it
        _O.kind.in_(PLACED),
        _O.cluster == bindparam("which"),
        _O.service.in_(bindparam("of", expanding=True)),
    )
    .group_by(_O.service, _O.environment, _O.version, _O.health)
)
_BEFORE = select(SERVICES).where(_S.cluster == bindparam("which"), _S.service.in_(bindparam("of", expanding=True)))
_LEFT = delete(SERVICES).where(
    _S.cluster == bindparam("which"),
    _S.service == bindparam("of_service"),
    _S.environment == bindparam("of_environment"),
)
_E, _V = ENVIRONMENTS.c, VERSIONS.c
_EMPTY = delete(ENVIRONMENTS).where(_E.cluster == bindparam("which"), _E.services == 0)
_NOWHERE = delete(NAMES).where(NAMES.c.service == bindparam("of"), NAMES.c.places <= 0)
_V_KEY = ("cluster", "environment", "version")
_UNUSED = delete(VERSIONS).where(*(_V[name] == bindparam(f"of_{name}") for name in _V_KEY), _V.number == 0)
_VERSIONS = select(func.count()).where(_V.cluster == bindparam("which"), _V.environment == bindparam("of"))
_COUNTED = (
    update(ENVIRONMENTS)
    .where(_E.cluster == bindparam("which"), _E.environment == bindparam("of"))
    .values(versions=bindparam("different"))
)


class Placing:
    """Of one transaction in one cluster."""

    def __init__(self, database: Database, cluster: str) -> None:
        self._database, self._cluster = database, cluster
        self._services: set[str] = set()
        self._versions: Counter[tuple[str, str]] = Counter()

    def add(self, row: Mapping[str, Any], sign: int) -> None:
        """`sign`: 1, the row is there now; -1: it is not any more."""
        if row["kind"] in PLACED and row["service"]:
            self._services.add(row["service"])
            self._versions[row["environment"], row["version"]] += sign

    def forget(self, connection: Connection) -> None:
        """Before the rows of the cluster go."""
        every = select(_S.service, _S.environment).where(_S.cluster == self._cluster)
        self._name(connection, (), [(row.service, row.environment) for row in connection.execute(every)])

    def write(self, connection: Connection) -> None:
        """After the objects were written."""
        names = sorted(self._services)
        for start in range(0, len(names), AT_ONCE):
            self._replace(connection, names[start : start + AT_ONCE])
        self._count_versions(connection)

    def _replace(self, connection: Connection, services: Sequence[str]) -> None:
        of = {"which": self._cluster, "of": services}
        before = {(row["service"], row["environment"]): {**row} for row in connection.execute(_BEFORE, of).mappings()}
        now = _summed(self._cluster, (dict(row) for row in connection.execute(_RUNNING, of).mappings()))
        changed = [row for place, row in sorted(now.items()) if row != before.get(place)]
        gone = sorted(before.keys() - now.keys())
        if changed:
            connection.execute(replacing(self._database, SERVICES), changed)
        for service, environment in gone:
            left = {"which": self._cluster, "of_service": service, "of_environment": environment}
            connection.execute(_LEFT, left)
        self._name(connection, now.keys() - before.keys(), gone)
        self._environments(connection, before, now)

    def _name(self, connection: Connection, new: Iterable[Place], gone: Iterable[Place]) -> None:
        """In one order: writers of other clusters change the same rows."""
        changes = Counter(service for service, _ in new)
        changes.subtract(service for service, _ in gone)
        rows = [{"service": name, "places": by} for name, by in sorted(changes.items()) if by]
        if rows:
            connection.execute(adding(self._database, NAMES, ("places",)), rows)
        if fewer := [{"of": name} for name, by in sorted(changes.items()) if by < 0]:
            connection.execute(_NOWHERE, fewer)

    def _environments(
        self, connection: Connection, before: Mapping[Place, Values], now: Mapping[Place, Values]
    ) -> None:
        changes: dict[str, Counter[str]] = {}
        for rows, sign in ((before, -1), (now, 1)):
            for (_, environment), row in rows.items():
                by = changes.setdefault(environment, Counter())
                by["services"] += sign
                by["bad"] += sign * (row["bad"] > 0)
                by["mixed"] += sign * (row["versions"] > 1)
        changed = [
            {"cluster": self._cluster, "environment": name, "versions": 0}
            | {amount: by[amount] for amount in ("services", "bad", "mixed")}
            for name, by in sorted(changes.items())
            if any(by.values())
        ]
        if changed:
            connection.execute(adding(self._database, ENVIRONMENTS, ("services", "bad", "mixed")), changed)
            connection.execute(_EMPTY, {"which": self._cluster})

    def _count_versions(self, connection: Connection) -> None:
        changes = {key: by for key, by in sorted(self._versions.items()) if by}
        if not changes:
            return
        rows = [
            {"cluster": self._cluster, "environment": environment, "version": version, "number": by}
            for (environment, version), by in changes.items()
        ]
        connection.execute(adding(self._database, VERSIONS, ("number",)), rows)
        connection.execute(_UNUSED, [{f"of_{name}": row[name] for name in _V_KEY} for row in rows])
        for environment in sorted({environment for environment, _ in changes}):
            of = {"which": self._cluster, "of": environment}
            number = connection.execute(_VERSIONS, of).scalar_one()
            connection.execute(_COUNTED, {**of, "different": number})


def _summed(cluster: str, rows: Iterable[Values]) -> dict[Place, Values]:
    """Rows of services, from what runs."""
    found: dict[Place, Values] = {}
    versions: dict[Place, set[str]] = {}
    for row in rows:
        place = row["service"], row["environment"]
        empty = {"cluster": cluster, "service": place[0], "environment": place[1]}
        one = found.setdefault(place, {**empty, "placements": 0, "bad": 0, "worst": 0, "versions": 0})
        versions.setdefault(place, set()).add(row["version"])
        one["placements"] += row["number"]
        one["bad"] += row["number"] if row["health"] >= BAD[0].rank else 0
        one["worst"] = max(one["worst"], row["health"])
        one["versions"] = len(versions[place])
    return found
