"""What a tag means now: the digest that its registry has for it, or why nobody can know."""

from __future__ import annotations

from activities.supply_chain.oci_registry import MANIFEST, Remote
from domain.core.errors import RefusedError, SluicewayError
from domain.releases import image_name

MANIFESTS = ", ".join(
    (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        MANIFEST,
        "application/vnd.docker.distribution.manifest.v2+json",
    )
)
"""Indices first: a cluster's nodes may be of several architectures, and each chooses for itself."""
FIX = "name it by its digest; or register the environment with images: {tags: as-written}, so that nodes resolve it"
_LOGIN = "log the worker's machine in with docker login, or "


def resolved(image: str) -> str:
    """`NAME@sha256:…`, by one HEAD request; a name with a digest is its own.

    Raises:
        SluicewayError: SLW838, the registry does not answer for now.
        RefusedError: SLW838, it has no such tag, or shows it to nobody who is not logged in.
    """
    if image_name.is_pinned(image):
        return image
    try:
        name = image_name.parsed(image)
    except ValueError as wrong:
        raise _refused(image, str(wrong), FIX) from wrong
    try:
        status, digest = Remote(f"{name.registry}/{name.repository}").head(name.tag, MANIFESTS)
    except SluicewayError as broken:
        what = f"nobody can say now which image {image[:200]} is"
        raise SluicewayError(
            broken.code, what, why=broken.why, fix=f"check that its registry is up; or {FIX}", transient=True
        ) from broken
    if status in (401, 403):
        raise _refused(image, f"the registry {name.registry} shows it to nobody who is not logged in", _LOGIN + FIX)
    if status == 404:
        raise _refused(image, f"the registry {name.registry} has none of this name", "push it first")
    if status != 200 or not image_name.is_digest(digest):
        raise _refused(image, f"the registry {name.registry} answers {status} without a digest", FIX)
    return image_name.pinned(image, digest)


def _refused(image: str, why: str, fix: str) -> RefusedError:
    what = f"nobody can say which image {image[:200]} is"
    return RefusedError("SLW838", what, why=why, fix=fix)
