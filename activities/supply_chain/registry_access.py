"""Logins of registries: which one an image's registry is asked with, and how it is sent.

One place for all that asks a registry: digests of tags, pushes, pulls by a daemon, statements beside an image.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from activities.supply_chain.registry_addresses import closed
from domain.releases import image_name, registries
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


def _no_value(secret: str) -> str:
    return ""


@dataclass(frozen=True, kw_only=True)
class RegistryAccess:
    """What this installation knows of registries. `own`: of its settings, beside those of environments."""

    values: Values = _nothing
    value: Callable[[str], str] = _no_value
    """As `Broker.of_engine`."""
    own: tuple[Login, ...] = ()
    of_environment: Callable[[str], tuple[Login, ...]] = lambda environment: ()
    """Of its place in a cluster, as the signer remembers it: by what a database says of logins, whoever writes to it
    would have them sent to himself."""

    def refusal(self, image: str, inside: Collection[Login] = ()) -> str:
        """Why nothing is sent to a registry that a commit names; empty: it is public, or named above the commit.

        `inside`: what an environment names, beside the settings.

        Otherwise whoever may push reaches ports of the worker's machine and network.
        """
        try:
            registry = image_name.parsed(image).registry
        except ValueError as wrong:
            return str(wrong)
        if registries.known(image, (*inside, *self.own)):
            return ""
        why = closed(registry)
        return f"its registry {registry} may not be asked: {why}" if why else ""

    def names(self, image: str) -> bool:
        """Whether the settings name an image's registry: it may be inside then.

        Raises:
            ValueError: it is no name of an image.
        """
        return registries.known(image, self.own) is not None

    def of_engine(self, image: str) -> Credentials | None:
        """The engine's own login, for what it says itself beside an image that was pushed from here.

        Raises:
            ValueError: it is no name of an image.
            SluicewayError: the store of secrets is away, or has none.
        """
        found = registries.login(image, self.own)
        return _with_value(found, self.value(found.secret)) if found else None

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
        return _with_value(found, self.values({found.secret: found.secret}, use)[found.secret])


def _with_value(login: Login, value: str) -> Credentials:
    return Credentials(user=login.user, password=value, realms=login.realms)
