"""Names of images: which repository and tag they mean, and whether they are one image for good.

Source: https://github.com/distribution/reference, and https://github.com/opencontainers/distribution-spec.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

HUB, HUB_API = "docker.io", "registry-1.docker.io"
"""What a name without a registry means, and where its API is."""
MAX_NAME = 500
"""Characters of a whole name."""
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_REPOSITORY = re.compile(r"[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_ADDRESS = r"(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?::[0-9]{1,5})?"
REGISTRY = f"^{_ADDRESS}$"
"""`HOST[:PORT]`."""
_HOST = re.compile(_ADDRESS)


@dataclass(frozen=True, kw_only=True)
class ImageName:
    """What a name means to a node that pulls it."""

    registry: str
    """`HOST[:PORT]` of its API."""
    repository: str
    tag: str
    """Empty: it has a digest."""
    digest: str = ""
    """`sha256:HEX`."""


def is_digest(text: str) -> bool:
    """Whether it is a SHA-256 as registries write it."""
    return _DIGEST.fullmatch(text) is not None


def is_registry(text: str) -> bool:
    """Whether it is `HOST[:PORT]`."""
    return len(text) <= MAX_NAME and _HOST.fullmatch(text) is not None


def parsed(image: str) -> ImageName:
    """The parts of a name.

    Raises:
        ValueError: no node could pull an image of this name.
    """
    if len(image) > MAX_NAME:
        raise ValueError(f"its name has more than {MAX_NAME} characters")
    rest, at, digest = image.partition("@")
    path, tag = plain(rest), rest[len(plain(rest)) + 1 :]
    host, slash, repository = path.partition("/")
    if not slash or not ("." in host or ":" in host or host == "localhost"):
        host, repository = HUB, path
    if host == HUB:
        host, repository = HUB_API, repository if "/" in repository else f"library/{repository}"
    checks = (_HOST.fullmatch(host), _REPOSITORY.fullmatch(repository), not tag or _TAG.fullmatch(tag))
    if not all(checks) or (at and not is_digest(digest)) or rest.endswith(":"):
        raise ValueError("it is no name of an image")
    return ImageName(registry=host, repository=repository, tag="" if digest else tag or "latest", digest=digest)


def plain(image: str) -> str:
    """A name without its digest and its tag."""
    name = image.partition("@")[0]
    head, slash, last = name.rpartition("/")
    return head + slash + last.partition(":")[0]


def is_pinned(image: str) -> bool:
    """Whether it means one image for good."""
    return is_digest(image.partition("@")[2])


def pinned(image: str, digest: str) -> str:
    """The same image by its digest. `digest`: `sha256:HEX`."""
    return f"{plain(image)}@{digest}"


def pins(image: str, reference: str) -> bool:
    """Whether a reference is this name with a digest in the place of its tag; a name with one is its own reference."""
    return image == reference if is_pinned(image) else is_pinned(reference) and plain(image) == plain(reference)
