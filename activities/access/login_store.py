"""What a login under way remembers (state, nonce, challenge), and one-time links: each is taken once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Column, Double, Table, Text, bindparam, delete, func, insert, select, update

from activities.access.secret_values import hashed, new
from activities.storage.database import METADATA, Database
from domain.core.documents import Object
from domain.core.errors import RefusedError

STATES = Table(
    "login_states",
    METADATA,
    Column("hash", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("browser", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("expires_at", Double, nullable=False, index=True),
)
LINKS = Table(
    "login_links",
    METADATA,
    Column("hash", Text, primary_key=True),
    Column("person", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
    Column("used_at", Double),
)
MOST_STATES = 10_000
"""Logins under way at once: what strangers can make the database keep."""
STATE_S = 600
LINK_S = 24 * 60 * 60
_TAKE = (
    delete(STATES)
    .where(STATES.c.hash == bindparam("of"), STATES.c.kind == bindparam("what"), STATES.c.browser == bindparam("who"))
    .returning(STATES.c.body, STATES.c.expires_at)
)
_OVER = delete(STATES).where(STATES.c.expires_at <= bindparam("now"))
_COUNT = select(func.count()).select_from(STATES)
_USE = (
    update(LINKS)
    .where(LINKS.c.hash == bindparam("of"), LINKS.c.used_at.is_(None), LINKS.c.expires_at > bindparam("now"))
    .values(used_at=bindparam("now"))
    .returning(LINKS.c.person, LINKS.c.kind, LINKS.c.by)
)
_END = delete(LINKS).where(LINKS.c.person == bindparam("who"), LINKS.c.used_at.is_(None))


class LinkKind(StrEnum):
    """What a one-time link is for."""

    FIRST = "first"
    """The first administrator of a new installation."""
    INVITATION = "invitation"
    RECOVERY = "recovery"
    """Of a person who lost every key; made on the host."""


@dataclass(frozen=True)
class Link:
    """What a link that was used just now says."""

    person: str
    kind: LinkKind
    by: str
    """Id of the principal that made it."""


class LoginStore:
    """Nothing here can be taken twice, by another browser, or when it is over."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, kind: str, browser: str, body: Object, now: float) -> str:
        """Remembers a login and returns its secret state. `browser`: a secret of the browser that began it.

        Raises:
            RefusedError: SLW421, too many logins are under way.
        """
        state = new()
        row = {"hash": hashed(state), "kind": kind, "browser": hashed(browser), "body": json.dumps(dict(body))}
        with self._database.write() as connection:
            connection.execute(_OVER, {"now": now})
            if connection.execute(_COUNT).scalar_one() >= MOST_STATES:
                raise RefusedError("SLW421", "too many logins are under way", fix="try again in ten minutes")
            connection.execute(insert(STATES), {**row, "expires_at": now + STATE_S})
        return state

    def take(self, kind: str, browser: str, state: str, now: float) -> Object | None:
        """What was remembered, once. None: unknown, taken, over, or of another browser or kind."""
        values = {"of": hashed(state), "what": kind, "who": hashed(browser)}
        with self._database.write() as connection:
            found = connection.execute(_TAKE, values).one_or_none()
        if found is None or found.expires_at <= now:
            return None
        body: Object = json.loads(found.body)
        return body

    def link_of(self, hash_: str, person: str, kind: LinkKind, by: str, now: float, lifetime_s: float = LINK_S) -> None:
        """A new link, of a secret that is known by its hash alone. It replaces the person's unused ones."""
        row = {"hash": hash_, "person": person, "kind": kind.value, "by": by}
        with self._database.write() as connection:
            connection.execute(_END, {"who": person})
            connection.execute(insert(LINKS), {**row, "created_at": now, "expires_at": now + lifetime_s})

    def use(self, secret: str, now: float) -> Link | None:
        """Once. None: unknown, used, or over."""
        with self._database.write() as connection:
            found = connection.execute(_USE, {"of": hashed(secret), "now": now}).one_or_none()
        return Link(found.person, LinkKind(found.kind), found.by) if found else None

    def end_links(self, person: str) -> None:
        """Of one that is disabled or removed."""
        self._database.execute(_END, {"who": person})
