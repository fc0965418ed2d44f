"""How a client of a registry answers a demand for a login: with its credentials, or for an anonymous token.

Source: https://distribution.github.io/distribution/spec/auth/token/, and RFC 9110, 11.6.1, of the demand.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from oras.auth.token import TokenAuth
from requests import Response

from activities.supply_chain.registry_access import Credentials
from domain.core.documents import Node
from domain.core.errors import RefusedError
from domain.releases import registries

MAX_DEMAND = 4_000
MAX_TOKEN = 50_000
"""Characters."""
_PORTS = {"http": 80, "https": 443}
_FIELD = re.compile(r'([A-Za-z]+)="([^"]*)"')


class RegistryLogin(TokenAuth):  # type: ignore[misc]
    """For one registry. `given`: a registered login; None: that of `docker login` on this machine, or nobody's."""

    def __init__(self, registry: str, given: Credentials | None) -> None:
        super().__init__()
        self._registry, self._given = registry, given
        self.token: str = ""

    def authenticate_request(
        self, original: Response, headers: dict[str, str], refresh: bool = False
    ) -> tuple[dict[str, str], bool]:
        """The headers with what the registry has asked for, and whether it is worth another try.

        Another host, to which the registry has sent an upload, may ask for nothing.

        Raises:
            RefusedError: SLW838, it names a host for tokens that the login is not for.
            ValueError: it names no place for a login; also of requests, nothing may be sent there.
        """
        if not self.is_own(str(original.url)):
            return headers, False
        demand = str(original.headers.get("Www-Authenticate", ""))[:MAX_DEMAND]
        if not demand.lower().startswith("bearer"):
            return self._by_password(demand, headers)
        if refresh or not self.token:
            self.token = self._fetched(dict(_FIELD.findall(demand)))
        return {**headers, "Authorization": f"Bearer {self.token}"}, True

    def is_own(self, url: str) -> bool:
        """Whether an address is the registry's, by its host and its port."""
        return _place(url) == _place(f"{self.prefix}://{self._registry}")

    def _by_password(self, demand: str, headers: dict[str, str]) -> tuple[dict[str, str], bool]:
        """To the registry itself, which has asked; once."""
        if not (demand.lower().startswith("basic") and self._basic) or "Authorization" in headers:
            return headers, False
        return {**headers, "Authorization": self._basic}, True

    def _fetched(self, demand: dict[str, str]) -> str:
        realm = demand.get("realm", "")
        if not realm:
            raise ValueError("the registry names no place for a login")
        if not realm.lower().startswith((f"{self.prefix}://", "https://")):
            raise ValueError("the place that the registry names for a login is not https")
        if self._given and (why := registries.closed_realm(realm, self._registry, self._given.realms)):
            raise RefusedError(
                "SLW838",
                f"the login for {self._registry} is not sent where it says",
                why=why,
                fix="if tokens come from there, name the host in the `realms` of the login",
            )
        wanted = {key: demand[key] for key in ("service", "scope") if key in demand}
        sent = {"Authorization": self._basic} if self._basic else {}
        answer = self.session.get(realm, params=wanted, headers=sent, allow_redirects=False)
        if answer.status_code != 200:
            raise ValueError(f"no token is given: {answer.status_code}")
        said = Node(answer.json())
        token = said["token"].text() or said["access_token"].text()
        if not 0 < len(token) <= MAX_TOKEN:
            raise ValueError("the answer has no token")
        return token

    @property
    def _basic(self) -> str:
        """The value of the header; empty: nobody logs in."""
        if self._given:
            return self._given.basic
        found: Any = getattr(self, "_basic_auth", "")  # what `docker login` has left, which is encoded already
        return f"Basic {found}" if found else ""


def _place(url: str) -> tuple[str, str | None, int | None]:
    """Scheme, host and port."""
    to = urlsplit(url)
    return to.scheme, to.hostname, to.port or _PORTS.get(to.scheme)
