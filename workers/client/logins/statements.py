"""Statements about people that the signer remembers: proposed to whoever has to sign them, then told with the proof.

The server cannot make one: it has no key. What the signer admits, the database lists.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from activities.access import key_registry, public_keys
from activities.access.identity_store import Identity
from activities.access.login_store import LINK_S, LinkKind
from activities.access.secret_values import new_id
from domain.access.audit import AuditKind
from domain.access.keys import KeyProof, PersonKey
from domain.access.link_code import HASH
from domain.access.person import Credential, CredentialKind
from domain.access.session import Session
from domain.authority.registrations import Registration, Topic, key_of, registration_of
from domain.core import names
from domain.core.documents import Node
from domain.core.errors import DefinitionError, RefusedError
from workers.client.logins.ground import Ground, Visitor

STATE = "statement"
MOST_PUBLIC = 100


@dataclass(frozen=True)
class Proposed:
    """A statement, and by what its proof finds it."""

    state: str
    said: Registration
    handles: tuple[str, ...] = ()
    """Ids of the passkeys of whoever is asked to sign."""


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """Whom, what counts of them in approvals, and what a server may know of the code of their link."""

    name: str
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    login_hash: str
    """SHA-256 in hex of the half that logs in."""
    public: str
    """Base64 of the public half of the key that the code is."""


@dataclass(frozen=True)
class Statements:
    """About keys and people, by one who is logged in."""

    ground: Ground

    def propose(self, session: Session, said: Registration, note: str = "") -> Proposed:
        """Remembers a statement until it is signed. `note`: what its key is called, for lists.

        Raises:
            RefusedError: SLW421, too much is under way.
        """
        said = replace(said, home=self.ground.registry.home())
        body = {"said": json.dumps(said.plain()), "note": note}
        state = self.ground.records.logins.begin(STATE, session.id, body, self.ground.clock())
        kept = self.ground.records.credentials.of(session.person)
        return Proposed(state, said, tuple(one.handle for one in kept if one.handle))

    def prove(self, session: Session, state: str, visitor: Visitor, proof: KeyProof) -> None:
        """Tells the signer. The proof is a signature: by a key that the signer knows, or by the one of a link's code.

        Raises:
            RefusedError: SLW435, the signer does not admit it; SLW422, there is no such statement any more; SLW424, the
                list has no place for its key.
        """
        body = self.ground.records.logins.take(STATE, session.id, state, self.ground.clock())
        if body is None:
            raise RefusedError("SLW422", "there is nothing to be signed here any more")
        said = registration_of(json.loads(Node(body)["said"].text()))
        if said.topic is Topic.KEY:  # what the list would refuse is not told: nobody could take it back
            self.ground.records.credentials.must_fit(said.name, key_of(Node(said.body)).id)
        self.ground.registry.register(said, proof)
        self._listed(said, session, Node(body)["note"].text())
        kind = AuditKind.KEY if said.topic in (Topic.KEY, Topic.LOST, Topic.CONFIRMED) else AuditKind.PERSON
        self.ground.record(kind, f"{said.topic}", said.name, visitor, {"topic": said.topic.value, "by": session.person})

    def _listed(self, said: Registration, session: Session, note: str) -> None:
        body = Node(said.body)
        if said.topic is Topic.KEY:
            self.ground.records.credentials.add(self._credential(said.name, key_of(body), session, note))
        elif said.topic is Topic.INVITATION:
            self._invited(said, session, note)
        elif said.topic is Topic.LOST:
            for one in self._kept(said.name, body["fingerprint"].text()):
                self.ground.records.credentials.remove(said.name, one.id)
        elif said.topic is Topic.CONFIRMED:
            for one in self._kept(said.name, body["fingerprint"].text()):
                self.ground.records.credentials.confirm(said.name, one.id)

    def confirm(self, session: Session, name: str, fingerprint: str) -> Proposed:
        """The statement that a key is its person's, for another administrator to sign."""
        return self.propose(session, key_registry.proven(Topic.CONFIRMED, name, {"fingerprint": fingerprint[:100]}))

    def invite(self, session: Session, asked: Invitation) -> Proposed:
        """The statement of an invitation, for an administrator to sign.

        Raises:
            DefinitionError: SLW506, it is no name.
            RefusedError: SLW424, the halves of its code are none.
        """
        if not names.is_person(asked.name):
            fix = "use letters, digits, and . _ @ -"
            raise DefinitionError("SLW506", f"{asked.name[:64]!r} is not a valid identity name", fix=fix)
        if not HASH.fullmatch(asked.login_hash) or len(asked.public) > MOST_PUBLIC:
            why = "login_hash is a SHA-256 in hex, public an ed25519 key"
            raise RefusedError("SLW424", "this invitation is none", why=why)
        public = public_keys.kept_form(public_keys.line_of(asked.public))
        said = key_registry.invitation(asked.name, public, asked.groups, asked.roles, LINK_S)
        return self.propose(session, said, asked.login_hash)

    def _invited(self, said: Registration, session: Session, code: str) -> None:
        body, records, now = Node(said.body), self.ground.records, self.ground.clock()
        if records.identities.get(said.name) is None:
            groups, roles = tuple(body["groups"].texts()), tuple(body["roles"].texts())
            records.identities.save(Identity(said.name, "", groups, roles))
        records.people.add(said.name, now)
        records.logins.link_of(code, said.name, LinkKind.INVITATION, f"person:{session.person}", now)

    def _credential(self, person: str, key: PersonKey, session: Session, note: str) -> Credential:
        known = self.ground.registry.person(person)
        return Credential(
            id=new_id(),
            person=person,
            kind=CredentialKind(key.kind.value),
            value=key.public,
            label=key.label or note,
            handle=key.id,
            rp=key.rp,
            origin=key.origin,
            created_at=self.ground.clock(),
            by=f"person:{session.person}",
            confirmed=known is not None and key.fingerprint in known.confirmed,
        )

    def _kept(self, person: str, fingerprint: str) -> Iterator[Credential]:
        for one in self.ground.records.credentials.of(person):
            key = one.key()
            if key is not None and key.fingerprint == fingerprint:
                yield one
