"""A cluster that nobody here reaches, by the worker in it: requests of a client, and deeds with a permit.

The official client stays as it is: its pool of connections is one that asks the worker.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol
from urllib.parse import parse_qsl, urlsplit

from urllib3 import HTTPHeaderDict, HTTPResponse

from activities.kubernetes.kubeconfigs import AddressBook
from domain.authority.permit import Claim, SignedPermit, plain
from domain.clusters.impersonation import ordered_by
from domain.core.errors import SluicewayError
from domain.inventory.dialled import AS_PERSON, Answered, Asked, Call, Deed, May, bounded, told_error

if TYPE_CHECKING:
    from kubernetes.client import ApiClient

ORIGIN = "https://dials-out.invalid"
"""Of addresses that are asked of no network."""


class Far(Protocol):
    """The workers in clusters that dial out."""

    def ask(self, cluster: str, asked: Asked, need: May) -> Answered:
        """What the worker in a cluster answers; blocks, at most a minute.

        Raises:
            RefusedError: SLW977, it is let do less than that; SLW983, it is too large.
            SluicewayError: SLW982, it asks for no work, or has not said what came of this (transient).
        """
        ...


class FarPool:
    """A pool of connections whose requests the worker in a cluster makes."""

    def __init__(self, cluster: str, far: Far) -> None:
        self._cluster, self._far = cluster, far

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: str | bytes | None = None,
        **rest: object,
    ) -> HTTPResponse:
        """As that of a pool of urllib3, whose other arguments say how long a connection takes."""
        answer = self._far.ask(self._cluster, Asked(call=_call(method, url, headers, body)), May.READ)
        if answer.trouble:
            raise told_error(answer.trouble, self._cluster)
        if not 200 <= answer.status < 600:
            why = f"status {answer.status}"
            raise SluicewayError("SLW943", "no answer came back", where=self._cluster, why=why, transient=True)
        return HTTPResponse(
            io.BytesIO(answer.body.encode("utf-8", "replace")),
            {"content-type": answer.content_type[:100] or "application/json"},
            answer.status,
            preload_content=False,
        )

    def clear(self) -> None:
        """Nothing is kept."""


def _call(method: str, url: str, headers: Mapping[str, str] | None, body: str | bytes | None) -> Call:
    parts, told = urlsplit(url), HTTPHeaderDict(headers or {})
    text = body.decode() if isinstance(body, bytes) else body or ""
    return bounded(
        Call(
            method=method.upper(),
            path=parts.path,
            query=tuple(parse_qsl(parts.query, keep_blank_values=True)),
            body=text,
            content_type=told.get("content-type", ""),
            user=told.get("impersonate-user", ""),
            groups=tuple(told.getlist("impersonate-group")),
        )
    )


def through(api: ApiClient, cluster: str, far: Far) -> None:
    """From now on every request of this client is one that the worker in the cluster makes."""
    api.rest_client.pool_manager = FarPool(cluster, far)  # type: ignore[assignment]


Deeds = Callable[..., Mapping[str, str] | None]
"""As `Doing.do`."""


class Doing:
    """What is permitted in clusters that dial out, done by the workers in them."""

    def __init__(self, book: AddressBook, far: Far | None) -> None:
        self._book, self._far = book, far

    def do(self, claim: Claim, signed: SignedPermit, more: Mapping[str, str] | None = None) -> Mapping[str, str] | None:
        """What the worker says of it. None: this cluster is reached from here.

        Raises:
            SluicewayError: what the worker says that kept it; SLW977, SLW982, SLW983 as `Far.ask`.
        """
        cluster, permit = claim.subject, signed.permit
        if self._far is None or not self._book.dials_out(cluster):
            return None
        as_person = self._book.person(cluster, ordered_by(permit.person, permit.groups)) is not None
        deed = Deed(
            permit=plain(permit),
            signature=signed.signature,
            what=claim.what,
            origin=claim.origin,
            more={**(more or {}), **({AS_PERSON: "true"} if as_person else {})},
        )
        answer = self._far.ask(cluster, Asked(deed=deed), May.ACT)
        if answer.trouble:
            raise told_error(answer.trouble, cluster)
        return {name: value[:1_000] for name, value in answer.done.items()}


def near(claim: Claim, signed: SignedPermit, more: Mapping[str, str] | None = None) -> Mapping[str, str] | None:
    """Every cluster is reached from here: for tests and rehearsals."""
    return None
