"""All ways to log in of one server."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from workers.client.logins.ground import Ground
from workers.client.logins.keys import KeyLogins
from workers.client.logins.links import Links
from workers.client.logins.sessions import Sessions


@dataclass(frozen=True)
class Logins:
    """What a server's login routes and its authenticator ask."""

    ground: Ground

    @cached_property
    def sessions(self) -> Sessions:
        """Who a cookie or a token means."""
        return Sessions(self.ground)

    @cached_property
    def links(self) -> Links:
        """By a one-time link."""
        return Links(self.ground, self.sessions)

    @cached_property
    def keys(self) -> KeyLogins:
        """By a passkey or a key, and the second factor."""
        return KeyLogins(self.ground, self.sessions)
