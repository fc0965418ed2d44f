"""The table of credentials: what people prove with who they are."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    Integer,
    RowMapping,
    Table,
    Text,
    bindparam,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from activities.storage.database import METADATA, Database
from domain.access.person import MOST_KEYS, Credential, CredentialKind
from domain.core.errors import RefusedError

CREDENTIALS = Table(
    "credentials",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("person", Text, nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("handle", Text, unique=True),
    Column("rp", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("uses", BigInteger, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("last_used_at", Double, nullable=False),
    Column("by", Text, nullable=False),
    Column("confirmed", Integer, nullable=False),
)
_OF = select(CREDENTIALS).where(CREDENTIALS.c.person == bindparam("person")).order_by(CREDENTIALS.c.created_at)
_BY_HANDLE = select(CREDENTIALS).where(CREDENTIALS.c.handle == bindparam("handle"))
_ANY = select(CREDENTIALS.c.id).limit(1)
_REMOVE = delete(CREDENTIALS).where(CREDENTIALS.c.id == bindparam("which"), CREDENTIALS.c.person == bindparam("who"))
_CONFIRM = (
    update(CREDENTIALS)
    .where(CREDENTIALS.c.id == bindparam("which"), CREDENTIALS.c.person == bindparam("who"))
    .values(confirmed=1)
)
_REMOVE_ALL = delete(CREDENTIALS).where(CREDENTIALS.c.person == bindparam("who"))
_USED = (
    update(CREDENTIALS)
    .where(
        CREDENTIALS.c.id == bindparam("which"), (CREDENTIALS.c.uses < bindparam("now_uses")) | (CREDENTIALS.c.uses == 0)
    )
    .values(uses=bindparam("now_uses"), last_used_at=bindparam("now"))
)


class CredentialStore:
    """Several a person."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def must_fit(self, person: str, handle: str) -> None:
        """Raises:
        RefusedError: SLW424, a passkey of this handle is registered, or the person has the most that one can have.
        """
        if len(self.of(person)) >= MOST_KEYS:
            raise RefusedError("SLW424", f"{person} has {MOST_KEYS} keys already", fix="remove one first")
        if handle and self.by_handle(handle) is not None:
            raise RefusedError("SLW424", "this key is registered already", fix="use another key")

    def add(self, credential: Credential) -> None:
        """Raises like `must_fit`."""
        self.must_fit(credential.person, credential.handle)
        row = {**vars(credential), "kind": credential.kind.value, "handle": credential.handle or None}
        row["confirmed"] = int(credential.confirmed)
        try:
            self._database.execute(insert(CREDENTIALS), row)
        except IntegrityError as twice:
            raise RefusedError("SLW424", "this key is registered already", fix="use another key") from twice

    def of(self, person: str) -> tuple[Credential, ...]:
        """Oldest first."""
        return tuple(_credential(row) for row in self._database.select(_OF, person=person))

    def has_any(self, *kinds: CredentialKind) -> bool:
        """Whether anybody has one, of these kinds or of any."""
        wanted = [kind.value for kind in kinds or CredentialKind]
        return bool(self._database.select(_ANY.where(CREDENTIALS.c.kind.in_(wanted))))

    def by_handle(self, handle: str) -> Credential | None:
        """A passkey by its credential id in Base64url."""
        rows = self._database.select(_BY_HANDLE, handle=handle) if handle else ()
        return _credential(rows[0]) if rows else None

    def used(self, id_: str, uses: int, now: float) -> bool:
        """Writes that it was used. False: its counter did not grow, so it was copied, or the answer is an old one."""
        with self._database.write() as connection:
            return connection.execute(_USED, {"which": id_, "now_uses": uses, "now": now}).rowcount == 1

    def confirm(self, person: str, id_: str) -> None:
        """Lists one as confirmed. Does nothing for one that is not theirs."""
        self._database.execute(_CONFIRM, {"which": id_, "who": person})

    def remove(self, person: str, id_: str) -> None:
        """Does nothing for one that is not theirs."""
        self._database.execute(_REMOVE, {"which": id_, "who": person})

    def remove_all(self, person: str) -> None:
        """Of a person that is removed or recovered."""
        self._database.execute(_REMOVE_ALL, {"who": person})


def _credential(row: RowMapping) -> Credential:
    kind, handle = CredentialKind(row["kind"]), row["handle"] or ""
    return Credential(**{**row, "kind": kind, "handle": handle, "confirmed": bool(row["confirmed"])})
