"""Errors of an API server as errors of ours."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator

import urllib3
from kubernetes.client.exceptions import ApiException
from kubernetes.dynamic.exceptions import DynamicApiError, NotFoundError, ResourceNotFoundError

from activities.kubernetes.port import GoneError
from domain.clusters.impersonation import Impersonated, refusal
from domain.core.documents import Node
from domain.core.errors import SluicewayError


@contextlib.contextmanager
def ours(doing: str, person: Impersonated | None = None) -> Iterator[None]:
    """Turns the client's errors into SluicewayError; "not found" passes, for the caller to handle.

    Raises:
        GoneError: 410, the resource version is too old.
        RefusedError: SLW974, SLW975, the cluster's RBAC does not let the `person` do it in whose name it was asked, or
            does not let the engine ask in their name.
        SluicewayError: SLW943, refused (`status`) or no response; both transient.
    """
    try:
        yield
    except (NotFoundError, ResourceNotFoundError):
        raise
    except (ApiException, DynamicApiError) as refused:
        status = refused.status or 0
        if status == 410:
            raise GoneError("SLW943", "the version is too old", why="410 Gone", status=status) from refused
        if status == 403 and person and (by_rbac := refusal(person, doing, words(refused))):
            raise by_rbac from refused
        what = f"the API server refused {doing}"
        raise SluicewayError("SLW943", what, why=words(refused), transient=True, status=status) from refused
    except (urllib3.exceptions.HTTPError, OSError) as broken:
        what = f"the API server does not respond ({doing})"
        raise SluicewayError("SLW943", what, why=str(broken)[:300], transient=True) from broken


def words(refused: ApiException | DynamicApiError) -> str:
    """The status and the server's message, bounded."""
    try:
        said = Node(json.loads(refused.body or "")).at("message").text()
    except (TypeError, ValueError):
        said = ""
    return f"{refused.status}: {(said or str(refused.reason or ''))[:600]}"
