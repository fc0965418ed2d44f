"""One's own keys: registered with a proof that the signer verifies, and declared lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from domain.access.actions import Action
from domain.access.keys import KeyKind, KeyProof
from domain.access.principal import Caller
from domain.access.resource import ENGINE
from workers.api.auth import SessionAuthenticator, visitor_of
from workers.api.parts import Parts
from workers.client.logins.statements import Invitation, Proposed

NO_STORE = {"Cache-Control": "no-store"}
AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True)
class NewPasskey:
    """What `navigator.credentials.create` answered; binary fields in Base64url."""

    state: str
    credential: dict[str, Any]
    label: str = ""


@dataclass(frozen=True)
class NewKey:
    """The public half of a key: a line of OpenSSH or PEM; of a browser's key: its 32 bytes in Base64."""

    kind: KeyKind
    public: str
    label: str = ""


@dataclass(frozen=True)
class LostKey:
    """A key that counts no more."""

    fingerprint: str


@dataclass(frozen=True)
class Vouched:
    """The proof of a statement: a signature over its text, by a key of somebody or by the one of a link's code."""

    state: str
    signature: str = ""
    kind: str = ""
    authenticator_data: str = ""
    client_data: str = ""

    def proof(self) -> KeyProof:
        """As the signer takes it."""
        return KeyProof(self.signature, self.kind, self.authenticator_data, self.client_data)


@dataclass(frozen=True)
class ToMake:
    """What a browser makes a passkey from (PublicKeyCredentialCreationOptionsJSON)."""

    state: str
    options: dict[str, Any]


@dataclass(frozen=True)
class ToSign:
    """A statement that one of `passkeys`, or another key of the person, signs.

    Its text is `sluiceway/registration/v1`, a zero byte, and the canonical JSON of `statement`.
    """

    state: str
    statement: dict[str, Any]
    rp: str
    passkeys: tuple[str, ...] = ()


@dataclass(frozen=True)
class OwnKey:
    """A key as the signer knows it."""

    kind: KeyKind
    label: str
    fingerprint: str
    confirmed: bool = False
    """Whether somebody else has confirmed it."""


@dataclass(frozen=True)
class Confirm:
    """A key of somebody else's."""

    name: str
    fingerprint: str


@dataclass(frozen=True)
class Invite:
    """Whom, what counts of them in approvals, and what a server may know of the code of their link.

    Whoever invites makes the code; the link is `URL/login/link#CODE` once the statement is signed.
    """

    name: str
    login_hash: str
    """SHA-256 in hex of the half of the code that logs in."""
    public: str
    """The 32 bytes of the public key of the other half, in Base64."""
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()

    def asked(self) -> Invitation:
        """As the statement is made of it."""
        return Invitation(**vars(self))


@get("/me/keys", operation_id="me.keys", sync_to_thread=True)
def keys(request: AnyRequest, auth: NamedDependency[SessionAuthenticator]) -> Response[tuple[OwnKey, ...]]:
    """As the signer knows them: what the database says counts for nothing."""
    known = auth.logins.ground.registry.person(auth.needed(request).person)
    found = (
        tuple(OwnKey(one.kind, one.label, one.fingerprint, one.fingerprint in known.confirmed) for one in known.keys)
        if known
        else ()
    )
    return Response(found, headers=NO_STORE)


@post(
    "/me/keys/options",
    operation_id="me.passkey_options",
    summary="Begins a passkey.",
    status_code=200,
    sync_to_thread=True,
)
def options(request: AnyRequest, auth: NamedDependency[SessionAuthenticator]) -> Response[ToMake]:
    """Begins a passkey: what a browser makes it from."""
    state, made = auth.logins.enrolling.begin(auth.needed(request))
    return Response(ToMake(state, dict(made)), headers=NO_STORE)


@post("/me/keys/passkey", operation_id="me.passkey", status_code=200, sync_to_thread=True)
def passkey(
    request: AnyRequest, data: JSONBody[NewPasskey], auth: NamedDependency[SessionAuthenticator]
) -> Response[ToSign]:
    """A passkey was made: asks for the proof."""
    session = auth.needed(request)
    return to_sign(auth, auth.logins.enrolling.passkey(session, data.state, data.credential, data.label))


@post("/me/keys/file", operation_id="me.key", status_code=200, sync_to_thread=True)
def file(request: AnyRequest, data: JSONBody[NewKey], auth: NamedDependency[SessionAuthenticator]) -> Response[ToSign]:
    """Hands in a public key: asks for the proof."""
    return to_sign(auth, auth.logins.enrolling.file(auth.needed(request), data.kind, data.public, data.label))


@post("/me/keys/lost", operation_id="me.lost_key", status_code=200, sync_to_thread=True)
def lost(request: AnyRequest, data: JSONBody[LostKey], auth: NamedDependency[SessionAuthenticator]) -> Response[ToSign]:
    """A key counts no more: asks for the proof, by any key of the person."""
    return to_sign(auth, auth.logins.enrolling.lost(auth.needed(request), data.fingerprint))


@post("/me/keys", operation_id="me.vouch", status_code=204, sync_to_thread=True)
def vouch(request: AnyRequest, data: JSONBody[Vouched], auth: NamedDependency[SessionAuthenticator]) -> None:
    """Gives the proof, which the signer verifies."""
    session = auth.needed(request)
    auth.logins.statements.prove(session, data.state, visitor_of(request), data.proof())


def to_sign(auth: SessionAuthenticator, proposed: Proposed) -> Response[ToSign]:
    """A statement as the wire has it."""
    said = ToSign(proposed.state, proposed.said.plain(), auth.logins.ground.host, proposed.handles)
    return Response(said, headers=NO_STORE)


@post("/me/invitations", operation_id="me.invite", status_code=200, sync_to_thread=True)
def invite(
    request: AnyRequest,
    data: JSONBody[Invite],
    auth: NamedDependency[SessionAuthenticator],
    parts: NamedDependency[Parts],
    caller: NamedDependency[Caller],
) -> Response[ToSign]:
    """Asks an administrator for the signature of an invitation; `/me/keys` takes it."""
    if parts.guards is not None:
        parts.guards(caller).need(Action.PEOPLE_WRITE, ENGINE)
    return to_sign(auth, auth.logins.statements.invite(auth.needed(request), data.asked()))


@post("/me/confirmations", operation_id="me.confirm", status_code=200, sync_to_thread=True)
def confirm(
    request: AnyRequest,
    data: JSONBody[Confirm],
    auth: NamedDependency[SessionAuthenticator],
    parts: NamedDependency[Parts],
    caller: NamedDependency[Caller],
) -> Response[ToSign]:
    """Asks an administrator for the signature that a key is somebody else's; `/me/keys` takes it."""
    if parts.guards is not None:
        parts.guards(caller).need(Action.PEOPLE_WRITE, ENGINE)
    return to_sign(auth, auth.logins.statements.confirm(auth.needed(request), data.name, data.fingerprint))


HANDLERS = (invite, confirm, keys, options, passkey, file, lost, vouch)
