"""What has made a pod."""

from __future__ import annotations

from domain.clusters import metadata
from domain.core.documents import Object


def controller_of(one: Object) -> tuple[str, str]:
    """Kind and name of the object's controller; empty: it has none.

    Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/owners-dependents/
    """
    found = next((owner for owner in metadata.owners(one) if owner["controller"].value is True), None)
    return (found["kind"].text(), found["name"].text()) if found else ("", "")
