"""The port to a cluster's API: objects as plain mappings. Implemented in client.py, and for tests in memory.py."""

from __future__ import annotations

from typing import Protocol

from domain.core.documents import Object
from domain.core.errors import SluicewayError

REFUSALS = (400, 403, 404, 422)
"""Permanent HTTP errors of an API server: the request is invalid, forbidden, or impossible."""
FINAL = ("SLW944", "SLW952")
"""What another try would not change: the cluster does not know the kind, or nobody knows the cluster."""


class GoneError(SluicewayError):
    """The server no longer has the resource version that a watch continues from."""

    transient = True


class NoClusterError(SluicewayError):
    """The cluster was deleted, so callers must stop waiting for it. Another one may get its name."""

    transient = True


class ObjectApi(Protocol):
    """Calls block, and raise SluicewayError with the server's message."""

    def create(self, manifest: Object) -> Object:
        """Creates an object, or returns the existing one unchanged."""
        ...

    def get(self, api_version: str, kind: str, name: str, namespace: str = "") -> Object | None:
        """None: it does not exist."""
        ...

    def items(self, api_version: str, kind: str, namespace: str = "", labels: str = "") -> list[Object]:
        """Objects of one namespace, or of all when it is empty. `labels` is a label selector."""
        ...

    def items_at(
        self, api_version: str, kind: str, namespace: str = "", labels: str = "", fields: str = ""
    ) -> tuple[list[Object], str]:
        """With the list's resource version, to start a watch from."""
        ...

    def patch(self, api_version: str, kind: str, name: str, patch: Object, namespace: str = "") -> Object | None:
        """Applies a merge patch (RFC 7396); returns the object, or None when it does not exist.

        With `metadata.uid` another object of the name is refused: status 409 or 422.
        """
        ...

    def delete(
        self, api_version: str, kind: str, name: str, namespace: str = "", grace_s: int | None = None, uid: str = ""
    ) -> None:
        """Deletes an object; a missing one is fine. `grace_s`: seconds; None: the object's own. `uid`: only this one,
        another of its name stays.
        """
        ...


class ApplyApi(ObjectApi, Protocol):
    """A server that objects are applied to, by field manager."""

    def apply(self, manifest: Object, dry_run: bool = False, *, manager: str = ..., force: bool = True) -> Object:
        """Server-side apply. Without `force`, another manager's different value is a refusal with status 409."""
        ...

    def refused(self, api_version: str, kind: str, verb: str, namespace: str) -> str:
        """Why this access may not do something to the objects of a kind; empty: it may."""
        ...

    def last_output(self, namespace: str, pod: str, container: str) -> str:
        """The last line of a container, or where it has just been restarted, of the one before."""
        ...
