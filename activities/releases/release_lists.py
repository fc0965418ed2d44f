"""Lists of releases, and of what is live, page by page, from what is indexed for them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TypedDict

from activities.storage.condition import Condition
from activities.storage.schema import Rows
from domain.core.documents import Node, Object

RELEASE_COLUMNS = {"name": "id", "environment": "environment"}
"""Attributes of a release as a resource, to columns of the list of releases."""
LIVE_COLUMNS = {"name": "l.environment", "environment": "l.environment"}
ENVIRONMENT_COLUMNS = {"name": "name", "environment": "name"}
MOST_DRIFTS = 1_000
MOST_COUNTED = 1_000
_LISTED = "id, service, environment, number, run, version, strategy, verdict, reason, started_at, ended_at"
_REPLACED = (
    "case when releases.verdict = 'live' and exists (select 1 from releases newer where newer.verdict = 'live'"
    " and newer.service = releases.service and newer.started_at > releases.started_at - 86400"
    " and newer.environment = releases.environment and newer.cluster = releases.cluster"
    " and newer.number > releases.number) then 1 else 0 end as replaced"
)
"""By number, which is taken before a release begins: the time alone keeps the look short."""
_LIVE = (
    "l.environment, l.service, l.version, l.release, l.number, l.since, r.run, p.commit_id, p.actor, p.author"
    " from live_versions l left join releases r on r.id = l.release left join pipeline_runs p on p.id = r.run"
)
_ENVIRONMENTS = (
    "with recursive used(name) as (select min(environment) from live_versions union all"
    " select (select min(environment) from live_versions where environment > used.name) from used"
    " where used.name is not null), known(name) as (select name from definitions where kind = 'Environment'"
    " union select name from used where name is not null) select name from known"
)
"""Those that are registered, and those that something is live in; the latter by one look at an index for each."""


class ListedRelease(TypedDict):
    """A release without its result."""

    id: str
    service: str
    environment: str
    number: int
    run: str
    version: str
    strategy: str
    verdict: str
    reason: str
    started_at: float
    ended_at: float | None
    replaced: bool
    """It went live, and something else is live in its place by now."""


class ListedLive(TypedDict):
    """What is live of a service in an environment, with the run that brought it."""

    environment: str
    service: str
    version: str
    release: str
    number: int
    since: float
    run: str
    """For a release by hand, who asked for it."""
    commit_id: str
    actor: str
    author: str
    """Of the run's commit, as it says itself."""


class ReleaseLists:
    """Works on any `Rows`."""

    def __init__(self, database: Rows) -> None:
        self._database = database

    def releases(
        self, service: str, environment: str, before: tuple[float, str] | None, limit: int, may: Condition
    ) -> list[ListedRelease]:
        """Newest first, from the row after `before` on; empty texts want everything."""
        where, values = [may.sql], dict(may.values)
        for column, value in (("service", service), ("environment", environment)):
            if value:
                where.append(f"{column} = :wanted_{column}")
                values[f"wanted_{column}"] = value
        if before:
            where.append("(started_at, id) < (:before_at, :before_id)")
            values |= {"before_at": before[0], "before_id": before[1]}
        query = f"select {_LISTED}, {_REPLACED} from releases where {' and '.join(where)}"  # noqa: S608  (of this file)
        rows = self._database.rows(f"{query} order by started_at desc, id desc limit :limit", **values, limit=limit)
        return [_release(Node(row)) for row in rows]

    def release(self, id_: str) -> tuple[ListedRelease, str] | None:
        """With the JSON of its result; None: there is none."""
        query = f"select {_LISTED}, {_REPLACED}, result from releases where id = :id"  # noqa: S608
        rows = self._database.rows(query, id=id_)
        return next(((_release(Node(row)), Node(row).need_text("result")) for row in rows), None)

    def live(
        self, environment: str, service: str, after: tuple[str, str], limit: int, may: Condition
    ) -> list[ListedLive]:
        """By environment and service, from the row after `after` on; empty texts want everything."""
        where, values = [may.sql], dict(may.values)
        for column, value in (("service", service), ("environment", environment)):
            if value:
                where.append(f"l.{column} = :wanted_{column}")
                values[f"wanted_{column}"] = value
        where.append("(l.environment, l.service) > (:after_environment, :after_service)")
        values |= {"after_environment": after[0], "after_service": after[1]}
        query = f"select {_LIVE} where {' and '.join(where)}"
        rows = self._database.rows(f"{query} order by l.environment, l.service limit :limit", **values, limit=limit)
        return [_live(Node(row)) for row in rows]

    def newest_live(self, environment: str, limit: int) -> list[ListedLive]:
        """What has changed last in an environment."""
        query = f"select {_LIVE} where l.environment = :environment order by l.since desc limit :limit"
        return [_live(Node(row)) for row in self._database.rows(query, environment=environment, limit=limit)]

    def environments(self, after: str, limit: int, may: Condition) -> list[str]:
        """Names, from the one after `after` on."""
        query = f"{_ENVIRONMENTS} where name > :after and {may.sql} order by name limit :limit"
        rows = self._database.rows(query, **may.values, after=after, limit=limit)
        return [Node(row).need_text("name") for row in rows]

    def has_environment(self, name: str) -> bool:
        """Whether it is registered, or something is live in it."""
        registered = "select 1 from definitions where kind = 'Environment' and name = :name"
        used = "select 1 from live_versions where environment = :name limit 1"
        return any(self._database.rows(query, name=name) for query in (registered, used))

    def rules(self, environments: Iterable[str]) -> dict[str, Object]:
        """Environment to what was registered for it."""
        values = {f"name_{index}": name for index, name in enumerate(environments)}
        if not values:
            return {}
        listed = ", ".join(f":{name}" for name in values)
        query = f"select name, body from definitions where kind = 'Environment' and name in ({listed})"  # noqa: S608
        found = map(Node, self._database.rows(query, **values))
        return {row.need_text("name"): Node(json.loads(row.need_text("body"))).object() for row in found}

    def services(self, environment: str) -> int:
        """How many services are live in it, counted to `MOST_COUNTED`."""
        some = "select 1 from live_versions where environment = :environment limit :most"
        query = f"select count(*) as live from ({some}) as found"  # noqa: S608
        (row,) = self._database.rows(query, environment=environment, most=MOST_COUNTED)
        return Node(row).need_whole("live")

    def busy(self) -> frozenset[str]:
        """Environments with a release under way."""
        rows = self._database.rows("select distinct environment from releases where ended_at is null")
        return frozenset(Node(row).need_text("environment") for row in rows)

    def drifts(self, environments: Iterable[str]) -> Mapping[tuple[str, str], str]:
        """Environment and service to what was found to differ from its release, in lines; of several clusters each."""
        found: dict[tuple[str, str], list[str]] = {}
        query = (
            "select name, body from definitions where kind = 'Drift' and name > :first and name < :last"
            " order by name limit :limit"
        )
        for environment in environments:
            for after, before in (("/", "0"), ("@", "A")):
                between = {"first": environment + after, "last": environment + before}
                for row in map(Node, self._database.rows(query, **between, limit=MOST_DRIFTS)):
                    place, service, _ = (*row.need_text("name").split("/"), "", "")[:3]
                    of, _, cluster = place.partition("@")
                    if of != environment:  # a database may sort otherwise
                        continue
                    lines = Node(json.loads(row.need_text("body")))["lines"].texts()
                    told = [f"{cluster}: {line}" if cluster else line for line in lines]
                    found.setdefault((environment, service), []).extend(told)
        return {key: "\n".join(lines) for key, lines in found.items() if lines}


def _release(row: Node) -> ListedRelease:
    return ListedRelease(
        id=row.need_text("id"),
        service=row.need_text("service"),
        environment=row.need_text("environment"),
        number=row.need_whole("number"),
        run=row.need_text("run"),
        version=row.need_text("version"),
        strategy=row.need_text("strategy"),
        verdict=row.need_text("verdict"),
        reason=row.need_text("reason"),
        started_at=row.need_number("started_at"),
        ended_at=row["ended_at"].number_or_none(),
        replaced=row.need_whole("replaced") == 1,
    )


def _live(row: Node) -> ListedLive:
    return ListedLive(
        environment=row.need_text("environment"),
        service=row.need_text("service"),
        version=row.need_text("version"),
        release=row.need_text("release"),
        number=row.need_whole("number"),
        since=row.need_number("since"),
        run=row["run"].text(),
        commit_id=row["commit_id"].text(),
        actor=row["actor"].text(),
        author=row["author"].text(),
    )
