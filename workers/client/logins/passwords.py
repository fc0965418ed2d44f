"""Logins by a password: only of people who have no key, since a password can be guessed, reused and read aloud."""

from __future__ import annotations

from dataclasses import dataclass

from activities.access import passwords
from activities.access.secret_values import new_id
from domain.access.audit import AuditKind
from domain.access.passwords import MOST, complaint
from domain.access.person import Credential, CredentialKind
from domain.access.session import Session, Way
from domain.core import names
from domain.core.errors import RefusedError
from workers.client.logins.ground import Ground, Visitor
from workers.client.logins.sessions import Begun, Sessions


@dataclass(frozen=True)
class PasswordLogins:
    """A session by a password has no second factor: it reads, and does nothing that is dangerous."""

    ground: Ground
    sessions: Sessions

    def log_in(self, person: str, password: str, visitor: Visitor, old: Session | None = None) -> Begun:
        """Raises:
        RefusedError: SLW420, it is not the password, or the person has a key and has to use it.
        """
        self.ground.limit("login", visitor, person)
        kept = self._kept(person) if names.is_person(person) else None
        if not passwords.fits(kept.value if kept else "", password[: MOST + 1]):
            raise self.ground.refused(Way.PASSWORD, person, "it is not the password", visitor)
        if self._has_key(person):
            raise self.ground.refused(Way.PASSWORD, person, "the person has a key, and has to use it", visitor)
        return self.sessions.begin(person, Way.PASSWORD, visitor, old=old)

    def set(self, person: str, password: str, visitor: Visitor) -> None:
        """By whoever owns the home: gives a person without a key a password, in place of the one before.

        Raises:
            RefusedError: SLW426, it is too easy to guess, nobody of that name is there, or they have a key.
        """
        known = self.ground.records.people.get(person) if names.is_person(person) else None
        wrong = complaint(password, person) if known else "nobody of that name is registered"
        if not wrong and self._has_key(person):
            wrong = "the person has a key: only who can have none gets a password"
        if wrong:
            raise RefusedError("SLW426", "this password is not taken", why=wrong)
        if old := self._kept(person):
            self.ground.records.credentials.remove(person, old.id)
        made = Credential(
            id=new_id(),
            person=person,
            kind=CredentialKind.PASSWORD,
            value=passwords.kept(password),
            created_at=self.ground.clock(),
            by="owner:owner",
        )
        self.ground.records.credentials.add(made)
        self.ground.records.sessions.end_all(person)
        self.ground.record(AuditKind.KEY, "password", person, visitor)

    def _kept(self, person: str) -> Credential | None:
        every = self.ground.records.credentials.of(person)
        return next((one for one in every if one.kind is CredentialKind.PASSWORD), None)

    def _has_key(self, person: str) -> bool:
        known = self.ground.registry.person(person)
        return known is not None and bool(known.keys)
