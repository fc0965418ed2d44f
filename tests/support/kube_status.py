"""Plays a controller: what controllers say of an object."""

from operator import attrgetter

from activities.kubernetes.client import Kube


def patch_status(kube: Kube, api_version: str, kind: str, name: str, status: dict, namespace: str) -> None:
    resource = kube._resource(api_version, kind)
    attrgetter("status")(resource).patch(
        body={"status": status},
        name=name,
        namespace=namespace,
        content_type="application/merge-patch+json",
        field_manager="tests",
    )
