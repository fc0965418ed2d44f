"""The table of rates: who has tried what, for all servers of an installation, and past a server's end."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable

from sqlalchemy import Column, Double, Index, Table, Text, bindparam, delete, select, text

from activities.storage.database import METADATA, Database
from domain.access.entrance import network_of
from domain.access.rates import Rate, rate_of, tried
from domain.core.errors import RefusedError

RATES = Table(
    "rates",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("used_until", Double, nullable=False),
    Index("rates_by_use", "used_until"),
)
LOCK = 5_411_064
"""PostgreSQL's advisory lock, for the key of a rate: an arbitrary unique number."""
_ONE = select(RATES.c.used_until).where(RATES.c.key == bindparam("which"))
_OVER = delete(RATES).where(RATES.c.used_until < bindparam("now"))


class TooManyError(RefusedError):
    """Somebody has tried too often."""

    def __init__(self, what: str, wait_s: float) -> None:
        self.retry_after_s = max(1, int(wait_s) + 1)
        super().__init__("SLW454", what, why=f"the next try is possible in {self.retry_after_s} s")


class RateStore:
    """Counts tries. A refused one writes nothing: a flood costs a look each."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database, self._clock = database, clock
        row = database.insert(RATES)
        self._save = row.on_conflict_do_update(index_elements=["key"], set_={"used_until": row.excluded.used_until})

    def take(self, kind: str, who: str) -> None:
        """Counts one try of `kind` by `address:ADDRESS` or a principal's id.

        Raises:
            TooManyError: SLW454.
        """
        name = _name(who)
        rate, key = rate_of(kind, name), hashlib.sha256(f"{kind}\0{name}".encode()).hexdigest()[:32]
        self._refuse(kind, self._used_until(key), rate)
        with self._database.write() as connection:
            if not self._database.is_sqlite:
                lock = {"lock": LOCK, "key": int(key[:7], 16)}
                connection.execute(text("select pg_advisory_xact_lock(:lock, :key)"), lock)
            found = connection.execute(_ONE, {"which": key}).scalar()
            used = self._refuse(kind, found or 0.0, rate)
            connection.execute(self._save, {"key": key, "used_until": used})
            if found is None:  # somebody new: those who have not tried for long make room
                connection.execute(_OVER, {"now": self._clock()})

    def _used_until(self, key: str) -> float:
        rows = self._database.select(_ONE, which=key)
        return float(rows[0]["used_until"]) if rows else 0.0

    def _refuse(self, kind: str, used_until: float, rate: Rate) -> float:
        found = tried(used_until, self._clock(), rate)
        if found.wait_s > 0:
            raise TooManyError(f"too many tries of '{kind}'", found.wait_s)
        return found.used_until


def _name(who: str) -> str:
    kind, _, rest = who.partition(":")
    return f"address:{network_of(rest)}" if kind == "address" else who
