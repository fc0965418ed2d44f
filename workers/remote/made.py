"""Small answers that several features share."""

from __future__ import annotations

from dataclasses import dataclass

from workers.client.ports.access import TokenRow


@dataclass(frozen=True)
class Made:
    """The id of what was made."""

    id: str


@dataclass(frozen=True)
class Said:
    """A sentence of what happens now."""

    text: str


@dataclass(frozen=True)
class Containers:
    """Of a pod; none: it is not there."""

    names: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Me:
    """Whom a server takes the caller for. Times are seconds since the epoch, 0: never."""

    id: str
    kind: str
    name: str
    groups: tuple[str, ...] = ()
    session: str = ""
    authenticated_at: float = 0
    second_factor_at: float = 0
    home: str = ""
    """The name of the installation, which is in all that a person signs for it."""


@dataclass(frozen=True)
class NewToken:
    """A token, and its secret for the only time."""

    token: TokenRow
    secret: str
