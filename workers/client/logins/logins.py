"""All ways to log in of one server."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from activities.access.provider_client import Fetched, new_client
from workers.client.logins.devices import Devices
from workers.client.logins.enrolling import Enrolling
from workers.client.logins.ground import Ground
from workers.client.logins.keys import KeyLogins
from workers.client.logins.links import Links
from workers.client.logins.passwords import PasswordLogins
from workers.client.logins.providers import ProviderLogins
from workers.client.logins.sessions import Sessions
from workers.client.logins.statements import Statements
from workers.client.logins.workloads import Workloads


@dataclass(frozen=True)
class Logins:
    """What a server's login routes and its authenticator ask."""

    ground: Ground
    fetched: Fetched = field(default_factory=lambda: Fetched(new_client()))
    """Documents and keys of providers and issuers."""

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

    @cached_property
    def providers(self) -> ProviderLogins:
        """By an identity provider."""
        return ProviderLogins(self.ground, self.sessions, self.fetched)

    @cached_property
    def passwords(self) -> PasswordLogins:
        """Of people without a key."""
        return PasswordLogins(self.ground, self.sessions)

    @cached_property
    def workloads(self) -> Workloads:
        """Jobs of other systems."""
        return Workloads(self.ground, self.fetched)

    @cached_property
    def devices(self) -> Devices:
        """Command lines that a browser lets in."""
        return Devices(self.ground, self.sessions)

    @cached_property
    def statements(self) -> Statements:
        """What the signer is told, with a proof."""
        return Statements(self.ground)

    @cached_property
    def enrolling(self) -> Enrolling:
        """A person's own keys."""
        return Enrolling(self.ground, self.statements)
