"""Logins and second factors by a key: a passkey's, a file's, an agent's or a browser's."""

from __future__ import annotations

import base64
import binascii
import secrets
from dataclasses import dataclass

from activities.access.key_proofs import key_of
from domain.access.keys import KeyKind, KeyProof, PersonKey
from domain.access.login import Challenge, Purpose, challenge_of
from domain.access.person import Credential, CredentialKind
from domain.access.session import Session, Way
from domain.core import names
from workers.client.logins.ground import Ground, Visitor
from workers.client.logins.sessions import Begun, Sessions

STATE = "key"
LIFE_S = 300
_COUNTER = slice(33, 37)
"""Of an authenticator's data (WebAuthn, section 6.1)."""


@dataclass(frozen=True)
class Asked:
    """A question, and by what its answer is found."""

    state: str
    challenge: Challenge
    handles: tuple[str, ...] = ()
    """Ids of the passkeys that may answer a second factor; empty before a login, so that nobody learns who has one."""


@dataclass(frozen=True)
class Answer:
    """What comes back."""

    state: str
    proof: KeyProof
    person: str = ""
    """Whose key it is; empty: a passkey says it by its id."""
    handle: str = ""
    """The passkey's credential id in Base64url without padding."""


@dataclass(frozen=True)
class KeyLogins:
    """The signer says which keys are a person's; the database only finds whose a passkey is."""

    ground: Ground
    sessions: Sessions

    def ask(self, visitor: Visitor, session: Session | None = None) -> Asked:
        """A question for a login, or for the second factor of a session.

        Raises:
            RefusedError: SLW421, too many logins are under way.
        """
        self.ground.limit("login", visitor)
        now = self.ground.clock()
        challenge = Challenge(
            origin=self.ground.origin,
            purpose=Purpose.STEP_UP if session else Purpose.LOGIN,
            nonce=secrets.token_urlsafe(32),
            session=session.id if session else "",
            expires_at=int(now) + LIFE_S,
        )
        state = self.ground.records.logins.begin(STATE, "", challenge.plain(), now)
        kept = self.ground.records.credentials.of(session.person) if session else ()
        return Asked(state, challenge, tuple(one.handle for one in kept if one.handle))

    def log_in(self, answer: Answer, visitor: Visitor, old: Session | None = None) -> Begun:
        """Raises:
        RefusedError: SLW420, the signature is not of a key of a person that may log in.
        """
        found = self.ground.records.credentials.by_handle(answer.handle)
        person = found.person if found else answer.person
        self.ground.limit("login", visitor)  # by the network alone: nobody guesses a signature, or locks its owner out
        key, way = self._proven(answer, person, Purpose.LOGIN, "", visitor)
        strong = key.kind is not KeyKind.BROWSER
        details = {"key": key.fingerprint, "kind": key.kind.value}
        return self.sessions.begin(person, way, visitor, second_factor=strong, old=old, details=details)

    def step_up(self, answer: Answer, session: Session, visitor: Visitor) -> Begun:
        """The second factor of a session, by a key of the same person.

        Raises:
            RefusedError: SLW420, the signature is not of such a key, or of one that a script on the page could use.
        """
        self.ground.limit("login", visitor)
        key, way = self._proven(answer, session.person, Purpose.STEP_UP, session.id, visitor)
        if key.kind is KeyKind.BROWSER:
            raise self.ground.refused(way, session.person, "a browser's key is no second factor", visitor)
        return self.sessions.renew(session, way, visitor)

    def count(self, person: str) -> int:
        """How many keys of a person the signer knows."""
        known = self.ground.registry.person(person)
        return len(known.keys) if known else 0

    def _proven(
        self, answer: Answer, person: str, purpose: Purpose, session: str, visitor: Visitor
    ) -> tuple[PersonKey, Way]:
        way = Way.PASSKEY if answer.proof.kind == KeyKind.PASSKEY else Way.KEY
        now = self.ground.clock()
        body = self.ground.records.logins.take(STATE, "", answer.state, now)
        challenge = challenge_of(body) if body is not None else None
        if challenge is None or challenge.expires_at <= now:
            raise self.ground.refused(way, person, "the question is unknown, answered or over", visitor)
        if (challenge.purpose, challenge.session) != (purpose, session):
            raise self.ground.refused(way, person, f"the question was for another {challenge.purpose}", visitor)
        known = self.ground.registry.person(person) if names.is_person(person) else None
        key = key_of(known.keys, answer.proof, challenge.text()) if known else None
        if key is None:
            raise self.ground.refused(way, person, "no key of the person has signed the question", visitor)
        self._used(person, key, answer.proof, way, visitor)
        return key, way

    def _used(self, person: str, key: PersonKey, proof: KeyProof, way: Way, visitor: Visitor) -> None:
        kept = self._listed(person, key)
        if kept is None:
            return
        if not self.ground.records.credentials.used(kept.id, counter_of(proof), self.ground.clock()):
            raise self.ground.refused(way, person, "the passkey's counter did not grow: it may be a copy", visitor)

    def _listed(self, person: str, key: PersonKey) -> Credential | None:
        kept = self.ground.records.credentials.of(person)
        mine = (one for one in kept if one.kind is not CredentialKind.PASSWORD)
        return next((one for one in mine if (found := one.key()) and found.fingerprint == key.fingerprint), None)


def counter_of(proof: KeyProof) -> int:
    """How often an authenticator says it has signed; 0: it does not count."""
    try:
        data = base64.b64decode(proof.authenticator_data, validate=True)
    except (ValueError, binascii.Error):
        return 0
    return int.from_bytes(data[_COUNTER], "big") if len(data) >= _COUNTER.stop else 0
