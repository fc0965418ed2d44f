"""A person registers a key: the browser makes it, another key or the code of an invitation vouches for it."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass

from activities.access import key_registry, passkeys, public_keys
from domain.access.keys import KeyKind, PersonKey
from domain.access.person import MOST_LABEL
from domain.access.session import Session
from domain.authority.registrations import Topic
from domain.core.documents import Node, Object
from domain.core.errors import RefusedError
from workers.client.logins.ground import Ground
from workers.client.logins.statements import Proposed, Statements

STATE = "enrol"
FILES = frozenset({KeyKind.ED25519, KeyKind.SSH, KeyKind.BROWSER})
"""Kinds of keys whose public half is handed in as it is."""


@dataclass(frozen=True)
class Enrolling:
    """Of one's own keys."""

    ground: Ground
    statements: Statements

    def begin(self, session: Session) -> tuple[str, Object]:
        """A state, and what the browser makes a passkey from.

        Raises:
            RefusedError: SLW421, too much is under way.
        """
        challenge = secrets.token_bytes(32)
        body = {"challenge": base64.b64encode(challenge).decode()}
        state = self.ground.records.logins.begin(STATE, session.id, body, self.ground.clock())
        known = [one.handle for one in self.ground.records.credentials.of(session.person) if one.handle]
        return state, passkeys.options(session.person, self.ground.host, challenge, known)

    def passkey(self, session: Session, state: str, answer: Object, label: str) -> Proposed:
        """The statement about a passkey that a browser has made, to be signed.

        Raises:
            RefusedError: SLW422, nothing was begun; SLW424, it cannot be added.
        """
        body = self.ground.records.logins.take(STATE, session.id, state, self.ground.clock())
        if body is None:
            raise RefusedError("SLW422", "there is nothing to be signed here any more")
        challenge = base64.b64decode(Node(body)["challenge"].text())
        key = passkeys.registered(answer, challenge, self.ground.host, self.ground.origin, _short(label))
        if self.ground.records.credentials.by_handle(key.id) is not None:
            raise RefusedError("SLW424", "this key is registered already", fix="use another key")
        return self._proposed(session, key)

    def file(self, session: Session, kind: KeyKind, public: str, label: str) -> Proposed:
        """The statement about a key whose public half is handed in.

        Raises:
            RefusedError: SLW024, it is no key that may decide; SLW424, a key of this kind is not handed in.
        """
        if kind not in FILES:
            raise RefusedError("SLW424", "a passkey is made by a browser", fix="use the page of your keys")
        kept = public_keys.kept_form(public_keys.line_of(public) if kind is KeyKind.BROWSER else public)
        return self._proposed(session, PersonKey(kind=kind, public=kept, label=_short(label)))

    def lost(self, session: Session, fingerprint: str) -> Proposed:
        """The statement that a key of one's own counts no more."""
        return self.statements.propose(
            session, key_registry.proven(Topic.LOST, session.person, {"fingerprint": fingerprint[:100]})
        )

    def _proposed(self, session: Session, key: PersonKey) -> Proposed:
        return self.statements.propose(session, key_registry.enrolment(session.person, key))


def _short(label: str) -> str:
    """What a person calls a key; it is signed as well."""
    return "".join(one for one in label if one.isprintable()).strip()[:MOST_LABEL]
