"""Registries that somebody above the change has named, and the logins that they are asked with.

A login is a user and the *name* of a secret; its value is in no document, no plan and no history.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from domain.core import names
from domain.releases import image_name

USER = r"^[!-9;-~]{1,200}$"
"""Printable, without blanks; without `:`, which ends it in a header (RFC 7617, 2)."""
_REALMS = {image_name.HUB_API: ("auth.docker.io",)}
"""Where Docker Hub gives its tokens."""
_HUB_KEY = "https://index.docker.io/v1/"
"""What Docker Hub is called in a Docker configuration."""


@dataclass(frozen=True, kw_only=True)
class Login:
    """A registry that is known here, and how it is logged in to."""

    registry: str
    """`HOST[:PORT]`, as names of images have it."""
    user: str = ""
    secret: str = ""
    """Name of the secret with the password or token; empty: nobody logs in."""
    realms: tuple[str, ...] = ()
    """Hosts, beside its own, that the login may be sent to for a token."""


def parsed(text: str) -> tuple[Login, ...]:
    """Of a setting: `HOST[:PORT] [USER SECRET [REALM...]]`, separated by semicolons.

    Raises:
        ValueError: one is otherwise; says which, by its number and its registry.
    """
    found = []
    for at, entry in enumerate(filter(None, map(str.strip, text.split(";"))), 1):
        registry, *rest = entry.split()
        one = Login(
            registry=registry,
            user=rest[0] if rest else "",
            secret=rest[1] if len(rest) > 1 else "",
            realms=tuple(rest[2:]),
        )
        if wrong := complaint(one):
            raise ValueError(f"entry {at}, {registry[:100]}: {wrong}")
        found.append(one)
    return tuple(found)


def complaint(one: Login) -> str:
    """Why this is no login; empty: it is one."""
    if not all(image_name.is_registry(host) for host in (one.registry, *one.realms)):
        return "a registry and its realms are HOST[:PORT]"
    if bool(one.user) != bool(one.secret):
        return "a login has a user and the name of a secret"
    if not one.user:
        return ""
    if ":" in one.user or not (one.user.isascii() and one.user.isprintable()):
        return "a user is printable ASCII without a colon"
    return names.complaint(one.secret)


def known(image: str, logins: Collection[Login]) -> Login | None:
    """What is said of an image's registry; None: nothing.

    Raises:
        ValueError: it is no name of an image.
    """
    host = image_name.parsed(image).registry.casefold()
    return next((one for one in logins if _api(one.registry) == host), None)


def login(image: str, logins: Collection[Login]) -> Login | None:
    """The login for an image's registry; None: it has none.

    Raises:
        ValueError: it is no name of an image.
    """
    found = known(image, logins)
    return found if found and found.secret else None


def needed(images: Collection[str], logins: Collection[Login]) -> tuple[Login, ...]:
    """The logins for the registries of these images, each once; what no node could pull needs none."""
    found = []
    for image in sorted(images):
        try:
            one = login(image, logins)
        except ValueError:
            continue
        if one and one not in found:
            found.append(one)
    return tuple(found)


def closed_realm(realm: str, registry: str, realms: Collection[str]) -> str:
    """Why no login is sent to the address that a registry names for tokens; empty: it may be.

    Its host is the registry's own, or one that was named with the login: a registry alone does not decide it, since
    whoever answers in its place would have the login sent to himself. `realms`: those hosts.
    """
    to = urlsplit(realm)
    host = (to.hostname or "").casefold()
    own = urlsplit(f"//{registry}").hostname
    if not host or to.username is not None:
        return "it is no address of a host"
    allowed = {one.casefold() for one in (*realms, *_REALMS.get(registry.casefold(), ()))}
    if host != (own or "").casefold() and to.netloc.casefold() not in allowed:
        return f"{to.netloc[:200]} is neither the registry's own host nor a realm of its login"
    return ""


def docker_config(logins: Sequence[Login], values: Mapping[str, str]) -> str:
    """The content of a Secret of type `kubernetes.io/dockerconfigjson`. `values`: by the name of the secret.

    Source: https://kubernetes.io/docs/concepts/containers/images/#config-json
    """
    auths = {}
    for one in logins:
        both = base64.b64encode(f"{one.user}:{values[one.secret]}".encode()).decode()
        auths[_HUB_KEY if _api(one.registry) == image_name.HUB_API else one.registry] = {"auth": both}
    return json.dumps({"auths": auths}, sort_keys=True)


def _api(registry: str) -> str:
    host = registry.casefold()
    return image_name.HUB_API if host == image_name.HUB else host
