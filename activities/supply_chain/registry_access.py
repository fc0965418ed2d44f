"""Logins of registries: which one an image's registry is asked with, and how it is sent.

One place for all that asks a registry: digests of tags, pushes, pulls by a daemon, statements beside an image.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from domain.releases import registries
from domain.releases.registries import Login
from domain.secrets.rules import SecretUse

Values = Callable[[Mapping[str, str], SecretUse], Mapping[str, str]]
"""As `Broker.values`: by what asks, and by the rules of each secret."""


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """A login with its value: in memory only, and never in a text."""

    user: str
    password: str = field(repr=False)
    realms: tuple[str, ...] = ()
    """Hosts, beside the registry's own, that it may be sent to."""

    @property
    def basic(self) -> str:
        """The value of a header `Authorization` (RFC 7617)."""
        return f"Basic {base64.b64encode(f'{self.user}:{self.password}'.encode()).decode()}"

    @property
    def of_docker(self) -> dict[str, str]:
        """As Docker's API has it (`X-Registry-Auth`)."""
        return {"username": self.user, "password": self.password}


def _nothing(wanted: Mapping[str, str], use: SecretUse) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, kw_only=True)
class RegistryAccess:
    """What this installation knows of registries. `own`: of its settings, beside those of environments."""

    values: Values = _nothing
    own: tuple[Login, ...] = ()

    def credentials(self, image: str, use: SecretUse, logins: Collection[Login] = ()) -> Credentials | None:
        """The login for an image's registry, those of an environment first; None: none is named.

        Raises:
            RefusedError: SLW041, no rule lets this use have it.
            SluicewayError: the store of secrets is away, or has none.
        """
        try:
            found = registries.login(image, (*logins, *self.own))
        except ValueError:  # a daemon or a registry says what is wrong with the name
            return None
        if found is None:
            return None
        value = self.values({found.secret: found.secret}, use)[found.secret]
        return Credentials(user=found.user, password=value, realms=found.realms)
