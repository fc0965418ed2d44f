"""What a tag means now: the digest that its registry has for it, or why nobody can know."""

from __future__ import annotations

from collections.abc import Collection

from activities.supply_chain.oci_registry import MANIFEST, Remote
from activities.supply_chain.registry_access import Credentials
from activities.supply_chain.registry_addresses import closed
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
_REGISTER = "register the environment with images: {registries: [HOST:PORT]}, or "
_LOGIN = "register the environment with a login of it, or "


def resolved(image: str, inside: Collection[str] = (), login: Credentials | None = None) -> str:
    """`NAME@sha256:…`, by one HEAD request; a name with a digest is its own.

    `inside`: registries (`HOST[:PORT]`) that may have an address that is not public. An image is named by a commit, so
    any other one could be a port of the worker's machine or network. `login`: None: that of `docker login`, if any.

    Raises:
        SluicewayError: SLW838, the registry does not answer for now.
        RefusedError: SLW838, it has no such tag, shows it to nobody who is not logged in, or may not be asked.
    """
    if image_name.is_pinned(image):
        return image
    try:
        name = image_name.parsed(image)
    except ValueError as wrong:
        raise _refused(image, str(wrong), FIX) from wrong
    known = name.registry.casefold() in map(str.casefold, inside)
    if not known and (why := closed(name.registry)):
        raise _refused(image, f"its registry {name.registry} may not be asked: {why}", _REGISTER + FIX)
    try:
        remote = Remote(f"{name.registry}/{name.repository}", inside=known, login=login)
        status, digest = remote.head(name.tag, MANIFESTS)
    except RefusedError:
        raise
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
