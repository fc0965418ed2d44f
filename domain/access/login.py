"""What somebody signs to log in, or to confirm that it is still them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.core.canonical import text_to_sign
from domain.core.documents import Node, Object

KIND = "login/v1"


class Purpose(StrEnum):
    """What a signature is for: one for the other is refused."""

    LOGIN = "login"
    STEP_UP = "step-up"
    """A second factor in a session that there is already."""


@dataclass(frozen=True, kw_only=True)
class Challenge:
    """A question that only one server asks, once.

    Whoever signs builds the text from these fields and looks at `origin` first: a server cannot pass on the question of
    another one.
    """

    origin: str
    """`https://sluiceway.example.com`."""
    purpose: Purpose
    nonce: str
    session: str = ""
    """Public id of the session that a step-up is for."""
    expires_at: int
    """Seconds since the epoch."""

    def plain(self) -> dict[str, str | int]:
        """As the wire and the database have it."""
        said: dict[str, str | int] = {"origin": self.origin, "purpose": self.purpose.value, "nonce": self.nonce}
        return {**said, "session": self.session, "expires_at": self.expires_at}

    def text(self) -> bytes:
        """What is signed; a passkey signs its SHA-256."""
        return text_to_sign(KIND, self.plain())


def challenge_of(body: Object) -> Challenge:
    """From `plain`.

    Raises:
        ValueError: it is none.
    """
    node = Node(body)
    return Challenge(
        origin=node["origin"].text(),
        purpose=Purpose(node["purpose"].text()),
        nonce=node["nonce"].text(),
        session=node["session"].text(),
        expires_at=node["expires_at"].whole(),
    )
