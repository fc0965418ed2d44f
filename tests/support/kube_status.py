"""Objects of a cluster as tests need them: named, and with what controllers say of them."""

from operator import attrgetter

from activities.kubernetes.client import Kube
from domain.core.documents import Manifest, Node, Object
from domain.core.values import Json


def patch_status(kube: Kube, api_version: str, kind: str, name: str, status: Object, namespace: str) -> None:
    resource = kube._resource(api_version, kind)
    attrgetter("status")(resource).patch(
        body={"status": status},
        name=name,
        namespace=namespace,
        content_type="application/merge-patch+json",
        field_manager="tests",
    )


def named(one: Object, name: str, namespace: str = "default", **more: Json) -> Manifest:
    """The object with a name, and whatever else its metadata is to have."""
    meta = {**Node(one)["metadata"].object(), "name": name, "namespace": namespace, **more}
    return {**one, "metadata": meta}


def phase_of(one: Object | None) -> str:
    """Empty: it is not there, or nobody has said how it is."""
    return Node(one).at("status", "phase").text()
