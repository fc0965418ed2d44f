"""Requests in a person's name: headers of each, and whether the engine's credential may send them.

Source: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from urllib3 import HTTPHeaderDict

from activities.kubernetes.kubeconfigs import AddressBook
from activities.kubernetes.port import ApplyApi
from domain.authority.permit import Permit
from domain.clusters.access import Access
from domain.clusters.impersonation import GRANT, Impersonated, ordered_by
from domain.core.errors import SluicewayError

if TYPE_CHECKING:
    from kubernetes.client import ApiClient
    from urllib3 import BaseHTTPResponse, PoolManager

VERB, RESOURCES = "impersonate", ("users", "groups")
CAPABILITY = "people act as"
"""What a cluster's health calls it."""


def headers_of(person: Impersonated | None) -> list[tuple[str, str]]:
    """Of each request in somebody's name; each group has one of its own. None: no header."""
    if person is None:
        return []
    return [("Impersonate-User", person.user), *(("Impersonate-Group", group) for group in person.groups)]


class _InTheNameOf:
    """A pool of connections that adds the headers: the official client keeps one value of a header only."""

    def __init__(self, pool: PoolManager, person: Impersonated) -> None:
        self._pool, self._person = pool, person

    def request(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, **rest: object
    ) -> BaseHTTPResponse:
        known = {name: value for name, value in (headers or {}).items() if not name.lower().startswith("impersonate-")}
        whole = HTTPHeaderDict(known)
        for name, value in headers_of(self._person):
            whole.add(name, value)
        return self._pool.request(method, url, headers=whole, **rest)  # type: ignore[arg-type]

    def clear(self) -> None:
        self._pool.clear()


def in_the_name_of(api: ApiClient, person: Impersonated) -> None:
    """From now on every request of this client is the person's."""
    api.rest_client.pool_manager = _InTheNameOf(api.rest_client.pool_manager, person)  # type: ignore[assignment]


@dataclass(frozen=True)
class Acting:
    """As whom an effect that the signer has permitted is carried out."""

    book: AddressBook
    open: Callable[[Access, str, Impersonated], ApplyApi]
    """Access, cluster and person to a client in their name."""

    def hands(self, cluster: str, permit: Permit) -> ApplyApi | None:
        """A client in the name of whoever ordered it, as the signer says. None: the engine acts itself, since nobody
        has ordered it through a server, or the cluster does not ask for it.
        """
        person = self.book.person(cluster, ordered_by(permit.person, permit.groups))
        return self.open(self.book.find(cluster), cluster, person) if person else None


def nobody(cluster: str, permit: Permit) -> ApplyApi | None:
    """The engine acts itself, whoever has ordered it: for tests and rehearsals."""
    return None


class Asks(Protocol):
    """What can be asked whether its credential may do something."""

    def denied(self, asked: Mapping[str, str]) -> str:
        """Why not; empty: it may."""
        ...


def capability(kube: Asks) -> str:
    """Whether the credential may impersonate, in a sentence. A role that names users one by one counts as none."""
    try:
        for resource in RESOURCES:
            if why := kube.denied({"verb": VERB, "group": "", "resource": resource}):
                return f"SLW975: the credential may not impersonate all {resource} ({why[:200]}); to fix it: {GRANT}"
    except SluicewayError as broken:
        return f"it cannot be asked whether the credential may impersonate people: {broken.why or broken.what}"
    return "themselves, sluiceway:NAME"
