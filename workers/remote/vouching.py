"""What a person says about keys and people at a server: signed here, by the key that they log in with.

The server proposes each statement; it is looked at before it is signed. The code of an invitation is made here, and the
server never has it (domain/access/link_code.py).
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.access.link_code import PATH, key_seed_of, login_hash_of
from domain.authority.registrations import Topic
from domain.core.errors import RefusedError
from domain.core.values import Json
from workers.remote import statements
from workers.remote.connection import Connection
from workers.remote.logins import Statement, prove


@dataclass(frozen=True)
class OwnKey:
    """A key of one's own, as the signer knows it."""

    kind: str
    label: str
    fingerprint: str
    confirmed: bool = False


@dataclass(frozen=True)
class Vouching:
    """By one person, logged in. Raises SluicewayError: SLW478, the server asks to sign something else; what it says."""

    server: Connection
    origin: str
    person: str
    key: Ed25519PrivateKey

    async def invite(self, name: str, groups: tuple[str, ...], roles: tuple[str, ...]) -> str:
        """The address of a one-time link."""
        code = secrets.token_urlsafe(32)
        half = Ed25519PrivateKey.from_private_bytes(key_seed_of(code))
        public = base64.b64encode(half.public_key().public_bytes_raw()).decode()
        wanted: dict[str, Json] = {"public": public, "groups": list(groups), "roles": list(roles)}
        body = {**wanted, "name": name, "login_hash": login_hash_of(code)}
        await self._said("/me/invitations", body, Topic.INVITATION, name, wanted)
        return f"{self.origin}{PATH}{code}"

    async def confirm(self, name: str, fingerprint: str) -> None:
        """That a first key is somebody else's."""
        wanted: dict[str, Json] = {"fingerprint": fingerprint}
        await self._said("/me/confirmations", {**wanted, "name": name}, Topic.CONFIRMED, name, wanted)

    async def keys(self) -> tuple[OwnKey, ...]:
        """One's own."""
        return await self.server.get("/me/keys", tuple[OwnKey, ...])

    async def add(self, line: str, label: str) -> None:
        """Another key of one's own; `line`: of OpenSSH.

        Raises:
            RefusedError: SLW024, it is none.
        """
        wanted: dict[str, Json] = {"kind": "ssh", "public": kept_form(line)}
        body = {"kind": "ssh", "public": line, "label": label}
        await self._said("/me/keys/file", body, Topic.KEY, self.person, wanted)

    async def lose(self, fingerprint: str) -> None:
        """A key of one's own counts no more."""
        wanted: dict[str, Json] = {"fingerprint": fingerprint}
        await self._said("/me/keys/lost", wanted, Topic.LOST, self.person, wanted)

    async def _said(self, path: str, body: object, topic: Topic, name: str, wanted: dict[str, Json]) -> None:
        asked = await self.server.post(path, Statement, body)
        await prove(self.server, asked, self.key, statements.looked_at(asked.statement, topic, name, wanted))


def kept_form(line: str) -> str:
    """A line of OpenSSH as a server registers it: ed25519 as Base64 of its 32 bytes, other keys without their comment.

    Raises:
        RefusedError: SLW024, it is no such line.
    """
    kind, _, rest = line.strip().partition(" ")
    blob = rest.split(" ")[0]
    try:
        data = base64.b64decode(blob, validate=True)
    except ValueError as wrong:
        raise RefusedError("SLW024", "this is no public key that may decide", why=str(wrong)) from wrong
    if not data or kind != data[4 : 4 + int.from_bytes(data[:4], "big")].decode("ascii", "replace"):
        fix = "hand in the file that ssh-keygen writes beside the key, such as id_ed25519.pub"
        raise RefusedError("SLW024", "this is no public key that may decide", fix=fix)
    return base64.b64encode(data[-32:]).decode() if kind == "ssh-ed25519" else f"{kind} {blob}"
