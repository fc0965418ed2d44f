"""The table of command lines that wait until a browser lets them in."""

from __future__ import annotations

from sqlalchemy import Column, Double, RowMapping, Table, Text, bindparam, delete, func, insert, select, update

from activities.storage.database import METADATA, Database
from domain.access.device import MOST, Asking
from domain.core.errors import RefusedError

DEVICES = Table(
    "login_devices",
    METADATA,
    Column("hash", Text, primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("host", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False, index=True),
    Column("polled_at", Double, nullable=False),
    Column("person", Text, nullable=False),
)
_C = DEVICES.c
_ROW = select(*(column for column in _C if column.name not in ("hash", "code")))
_BY_CODE = _ROW.where(_C.code == bindparam("of"), _C.expires_at > bindparam("now"), _C.person == "")
_BY_HASH = _ROW.where(_C.hash == bindparam("of"), _C.expires_at > bindparam("now"))
_POLLED = update(DEVICES).where(_C.hash == bindparam("of")).values(polled_at=bindparam("now"))
_OPEN = (_C.code == bindparam("of"), _C.expires_at > bindparam("now"), _C.person == "")
_ALLOW = update(DEVICES).where(*_OPEN).values(person=bindparam("who"))
_DENY = delete(DEVICES).where(*_OPEN)
_TAKE = delete(DEVICES).where(_C.hash == bindparam("of"), _C.person != "", _C.expires_at > bindparam("now"))
_OVER = delete(DEVICES).where(_C.expires_at <= bindparam("now"))
_COUNT = select(func.count()).select_from(DEVICES)


class DeviceStore:
    """A device's own code is here as its hash alone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, hash_: str, code: str, asking: Asking) -> None:
        """Raises:
        RefusedError: SLW421, too many are under way.
        """
        with self._database.write() as connection:
            connection.execute(_OVER, {"now": asking.created_at})
            if connection.execute(_COUNT).scalar_one() >= MOST:
                raise RefusedError("SLW421", "too many logins are under way", fix="try again in ten minutes")
            connection.execute(insert(DEVICES), {**vars(asking), "hash": hash_, "code": code})

    def by_code(self, code: str, now: float) -> Asking | None:
        """Which waits under this code. None: none, it is over, or it was decided."""
        rows = self._database.select(_BY_CODE, of=code, now=now)
        return _asking(rows[0]) if rows else None

    def decide(self, code: str, person: str, now: float) -> bool:
        """Lets it in as a person, or, empty, refuses it; once. False: nothing waits under this code any more."""
        statement, values = (_ALLOW, {"who": person}) if person else (_DENY, {})
        with self._database.write() as connection:
            return connection.execute(statement, {**values, "of": code, "now": now}).rowcount == 1

    def polled(self, hash_: str, now: float) -> Asking | None:
        """As it was before this question. None: unknown, refused, over or taken."""
        rows = self._database.select(_BY_HASH, of=hash_, now=now)
        if rows:
            self._database.execute(_POLLED, {"of": hash_, "now": now})
        return _asking(rows[0]) if rows else None

    def take(self, hash_: str, now: float) -> bool:
        """Ends one that was let in, so that it counts once."""
        with self._database.write() as connection:
            return connection.execute(_TAKE, {"of": hash_, "now": now}).rowcount == 1


def _asking(row: RowMapping) -> Asking:
    return Asking(**row)
