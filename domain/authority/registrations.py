"""What the signer remembers about people and environments: keys, groups, addresses, rules, and who may change them.

The database has the same, for lists; what it says counts for nothing here. A statement is made by hand, at the socket
of the signer's own user, or it is proven: by a signature over `text` that the signer verifies itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from domain.access.keys import KeyKind, KeyProof, PersonKey
from domain.access.principal import PrincipalKind
from domain.authority import rights
from domain.authority.rights import RememberedRights
from domain.authority.topics import TOLD as TOLD
from domain.authority.topics import Topic as Topic
from domain.core import names
from domain.core.canonical import canonical, text_to_sign
from domain.core.documents import Manifest, Node, Object
from domain.releases.kubernetes import namespaces

KIND = "registration/v1"
LIFE_S = 600
"""How long a proven statement may be under way."""
INVITED_S = 86_400 + LIFE_S
"""How long an invitation that somebody has signed may hold, whatever a server has them sign."""
ADMINISTRATOR = "administrator"
"""The role whose keys prove statements about others."""
MOST_KEYS = 20
MOST_BYTES = 65_536


@dataclass(frozen=True, kw_only=True)
class Registration:
    """One statement."""

    topic: Topic
    name: str
    body: Object = field(default_factory=dict)
    expires_at: int = 0
    """In seconds since the epoch; 0: by hand."""
    nonce: str = ""
    home: str = ""
    """Whose signer is to believe a proof (`domain.access.checkpoint.origin_of` its key): people have one key for
    several installations. Empty: by hand.
    """

    def text(self) -> bytes:
        """What a proof of it signs.

        Raises:
            ValueError: it has no canonical JSON.
        """
        return text_to_sign(KIND, self.plain())

    def plain(self) -> Manifest:
        """As the log and the wire have it."""
        return {
            "topic": self.topic,
            "name": self.name,
            "body": self.body,
            "expires_at": self.expires_at,
            "nonce": self.nonce,
            **({"home": self.home} if self.home else {}),
        }


@dataclass(frozen=True)
class By:
    """Who makes a statement: empty, by hand; else whoever the proof says."""

    name: str = ""
    """A person, or the person who was invited."""
    invited: bool = False
    key: str = ""
    """Fingerprint of the key that has signed."""
    kind: str = ""
    """Its kind."""
    confirmed: bool = False
    """Whether that key is confirmed."""


@dataclass(frozen=True)
class Invitation:
    """A one-time key, with which a person registers their own."""

    public: str
    until: int
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


@dataclass(frozen=True)
class RegisteredPerson:
    """A person as the signer knows them."""

    name: str
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    keys: tuple[PersonKey, ...] = ()
    confirmed: tuple[str, ...] = ()
    """Fingerprints of the keys that somebody else has confirmed, that a confirmed key has vouched for, or that were
    registered by hand.
    """


@dataclass
class Register:
    """Everything by its name. `apply` is all that changes it."""

    people: dict[str, RegisteredPerson] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    environments: dict[str, Object] = field(default_factory=dict)
    policies: dict[str, Object] = field(default_factory=dict)
    rights: RememberedRights = field(default_factory=RememberedRights)
    invitations: dict[str, Invitation] = field(default_factory=dict)
    nonces: dict[str, int] = field(default_factory=dict)
    """Of proven statements, to their end."""

    def apply(self, said: Registration, by: By) -> None:
        """Remembers a statement that was admitted."""
        if said.nonce:
            self.nonces[said.nonce] = said.expires_at
        name, body = said.name, Node(said.body)
        match said.topic:
            case Topic.PERSON:
                known = self.people.get(name, RegisteredPerson(name))
                groups, roles = tuple(body["groups"].texts()), tuple(body["roles"].texts())
                self.people[name] = replace(known, groups=groups, roles=roles)
            case Topic.REMOVED:
                self.people.pop(name, None)
                self.invitations.pop(name, None)
            case Topic.KEY:
                self._key(name, key_of(body), by)
            case Topic.LOST:
                self._without(name, body["fingerprint"].text())
            case Topic.CONFIRMED:
                self._confirmed(name, body["fingerprint"].text())
            case Topic.ADDRESS:
                self.addresses[name] = body["person"].text()
            case Topic.ENVIRONMENT:
                self.environments[name] = _document(said)
            case Topic.GRANT | Topic.REVOKED | Topic.LABEL | Topic.PROJECT | Topic.STEP:
                self.rights.apply(said.topic, name, body)
            case Topic.POLICY:
                self.policies.pop(name, None)
                if body["document"].text():
                    self.policies[name] = _document(said)
            case Topic.INVITATION:
                groups, roles = tuple(body["groups"].texts()), tuple(body["roles"].texts())
                self.invitations[name] = Invitation(body["public"].text(), body["until"].whole(), groups, roles)

    def _key(self, name: str, key: PersonKey, by: By) -> None:
        known = self.people.get(name, RegisteredPerson(name))
        if by.invited:
            invited = self.invitations.pop(name)
            known = replace(
                known, groups=known.groups or invited.groups, roles=tuple(dict.fromkeys((*known.roles, *invited.roles)))
            )
        kept = tuple(one for one in known.keys if one.fingerprint != key.fingerprint)
        self.people[name] = replace(known, keys=(*kept, key))
        if not by.name or by.confirmed:
            self._confirmed(name, key.fingerprint)

    def _confirmed(self, name: str, fingerprint: str) -> None:
        known = self.people[name]
        self.people[name] = replace(known, confirmed=tuple(dict.fromkeys((*known.confirmed, fingerprint))))

    def _without(self, name: str, fingerprint: str) -> None:
        if name in self.people:
            known = self.people[name]
            keys = tuple(one for one in known.keys if one.fingerprint != fingerprint)
            confirmed = tuple(one for one in known.confirmed if one != fingerprint)
            self.people[name] = replace(known, keys=keys, confirmed=confirmed)

    def forget(self, now: float) -> None:
        """Nonces whose time is over: what they were for is refused by its own time."""
        self.nonces = {nonce: until for nonce, until in self.nonces.items() if until >= now}

    def provers(self, said: Registration) -> Iterable[tuple[By, PersonKey]]:
        """The keys that may prove a statement."""
        if said.topic is Topic.STEP:  # one person has one name here: else they would be two
            kind, _, name = Node(said.body)["person"].text().partition(":")
            yield from self.keys_of(name) if kind == PrincipalKind.PERSON else ()
            return
        if said.topic in (Topic.KEY, Topic.LOST):
            yield from self.keys_of(said.name)
        for person in self.people.values():
            for key in person.keys if ADMINISTRATOR in person.roles else ():
                yield _by(person, key), key
        invited = self.invitations.get(said.name) if said.topic is Topic.KEY else None
        if invited is not None:
            key = PersonKey(kind=KeyKind.ED25519, public=invited.public)
            yield By(said.name, True, key.fingerprint, key.kind), key

    def keys_of(self, name: str) -> Iterable[tuple[By, PersonKey]]:
        """A person's own keys."""
        if name in self.people:
            yield from ((_by(self.people[name], key), key) for key in self.people[name].keys)


def _document(said: Registration) -> Object:
    """Of a statement whose shape was looked at."""
    return Node(json.loads(Node(said.body)["document"].text())).object()


def _by(person: RegisteredPerson, key: PersonKey) -> By:
    return By(person.name, False, key.fingerprint, key.kind, key.fingerprint in person.confirmed)


def objection(register: Register, said: Registration, by: By | None, now: float, home: str = "") -> str:
    """Why a statement is not admitted; empty: it is. `by`: None, its proof is nobody's who may say this. `home`: of the
    signer that is told.
    """
    if wrong := _shape(said):
        return wrong
    if by is None:
        return "nobody who may say this has signed it"
    if not by.name:
        return _by_hand(register, said)
    if said.home != home:
        return "it was signed for another installation"
    if not said.nonce or said.nonce in register.nonces:
        return "it was said before"
    if not now < said.expires_at <= now + LIFE_S:
        return "its time is over, or too long"
    if by.kind == KeyKind.BROWSER and _says_more_than(said, by):
        return "a key that is stored in a browser proves nothing but the loss of a key"
    if not by.confirmed and _needs_confirmed(register, said, by):
        return "the key that has signed it is not confirmed yet"
    if said.topic is Topic.CONFIRMED and by.name == said.name:
        return "nobody confirms a key of their own"
    if said.topic is Topic.INVITATION and Node(said.body)["until"].whole() > now + INVITED_S:
        return "it invites for too long"
    if by.invited and now >= register.invitations[said.name].until:
        return "the invitation's time is over"
    return _by_hand(register, said)


def _by_hand(register: Register, said: Registration) -> str:
    known = register.people.get(said.name)
    if said.topic in (Topic.LOST, Topic.REMOVED) and known is None:
        return f"{said.name} is not registered"
    if said.topic is Topic.CONFIRMED and not (known and _has(known, said.body.get("fingerprint"))):
        return f"{said.name} has no such key"
    if said.topic is Topic.KEY and known is not None and len(known.keys) >= MOST_KEYS:
        return f"{said.name} has {MOST_KEYS} keys already"
    if said.topic is Topic.ENVIRONMENT:
        return namespaces.shared(said.name, _document(said), register.environments)
    return rights.objection(register.rights, said.topic, said.name, Node(said.body))


def _says_more_than(said: Registration, by: By) -> bool:
    return said.topic is not Topic.STEP and (said.topic is not Topic.LOST or said.name != by.name)


def _needs_confirmed(register: Register, said: Registration, by: By) -> bool:
    """Of whom a server could have registered a key, their key says nothing yet about others and about rules, but who is
    invited: somebody new. To who is known already an invitation gives another key, and roles.
    """
    if said.topic is Topic.INVITATION:
        return said.name in register.people
    return said.topic not in (Topic.KEY, Topic.LOST) or said.name != by.name


def _has(known: RegisteredPerson, fingerprint: object) -> bool:
    return any(one.fingerprint == fingerprint for one in known.keys)


def _shape(said: Registration) -> str:
    """What no statement may look like, whoever makes it."""
    try:
        size = len(canonical(said.body))
        document = Node(said.body)["document"].text()
        if said.topic is Topic.ENVIRONMENT or (said.topic is Topic.POLICY and document):
            json.loads(document)
        if said.topic is Topic.KEY and not key_of(Node(said.body)).public:
            return "it has no key"
    except (ValueError, RecursionError) as broken:
        return str(broken)[:200]
    if size > MOST_BYTES:
        return "it is too long"
    people = (Topic.PERSON, Topic.REMOVED, Topic.KEY, Topic.LOST, Topic.CONFIRMED, Topic.INVITATION)
    if said.topic in people and not names.is_person(said.name):
        return f"{said.name[:64]!r} is not a valid identity name"
    if said.topic in (Topic.ENVIRONMENT, Topic.POLICY) and (wrong := names.complaint(said.name)):
        return f"{said.name[: names.MAX_NAME]!r} cannot be the name of an {said.topic}: {wrong}"
    return ""


def key_body(key: PersonKey) -> Manifest:
    """A key as a statement has it."""
    return {
        "kind": key.kind,
        "public": key.public,
        "id": key.id,
        "rp": key.rp,
        "origin": key.origin,
        "label": key.label,
    }


def key_of(said: Node) -> PersonKey:
    """Raises:
    ValueError: it is of no known kind.
    """
    rest = {name: said[name].text() for name in ("public", "id", "rp", "origin", "label")}
    return PersonKey(kind=KeyKind(said["kind"].text()), **rest)


def by_of(said: Node) -> By:
    """As the log has it; one of before keys were confirmed says nothing of that."""
    name, key, kind = (said[one].text() for one in ("name", "key", "kind"))
    return By(name, said["invited"].value is True, key, kind, said["confirmed"].value is True)


def proof_of(said: Node) -> KeyProof | None:
    """None: by hand."""
    names_ = ("signature", "kind", "authenticator_data", "client_data")
    return KeyProof(*(said[name].text() for name in names_)) if said["signature"] else None


def proof_body(proof: KeyProof) -> Manifest:
    """A proof as the wire has it."""
    return {
        "signature": proof.signature,
        "kind": proof.kind,
        "authenticator_data": proof.authenticator_data,
        "client_data": proof.client_data,
    }


def registration_of(body: Object) -> Registration:
    """Raises:
    ValueError: it is about nothing known.
    """
    said = Node(body)
    return Registration(
        topic=Topic(said["topic"].text()),
        name=said["name"].text(),
        body=said["body"].object(),
        expires_at=said["expires_at"].whole(),
        nonce=said["nonce"].text()[:64],
        home=said["home"].text()[:100],
    )
