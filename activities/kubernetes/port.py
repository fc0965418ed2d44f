"""The port to a cluster's API: objects as plain mappings. client.py has it, and for tests memory.py."""

from __future__ import annotations

from typing import Protocol

from domain.core.documents import Object
from domain.core.errors import SluicewayError

REFUSALS = (400, 403, 404, 422)
"""HTTP answers of an API server that stay so: what was asked for is wrong, forbidden, or cannot be there."""


class GoneError(SluicewayError):
    """The server no longer knows the version that a watch wanted to go on from."""

    transient = True


class NoClusterError(SluicewayError):
    """The cluster was deleted: whoever waits for something of it waits for ever. Another may get its name."""

    transient = True


class ObjectApi(Protocol):
    """Calls block, and raise SluicewayError with the server's own words."""

    def create(self, manifest: Object) -> Object:
        """The object as the server has it; one that is there already is returned, not changed."""
        ...

    def get(self, api_version: str, kind: str, name: str, namespace: str = "") -> Object | None:
        """None: there is no such object."""
        ...

    def items(self, api_version: str, kind: str, namespace: str = "", labels: str = "") -> list[Object]:
        """Of one namespace, or of all when it is empty. `labels` is a label selector."""
        ...

    def items_at(
        self, api_version: str, kind: str, namespace: str = "", labels: str = "", fields: str = ""
    ) -> tuple[list[Object], str]:
        """With the resource version of the list, from which a watch goes on."""
        ...

    def patch(self, api_version: str, kind: str, name: str, patch: Object, namespace: str = "") -> Object | None:
        """A merge patch (RFC 7396), and what came of it; None: there is no such object."""
        ...

    def delete(self, api_version: str, kind: str, name: str, namespace: str = "", grace_s: int | None = None) -> None:
        """What is not there is no error. `grace_s`: seconds; None: what the object itself says."""
        ...
