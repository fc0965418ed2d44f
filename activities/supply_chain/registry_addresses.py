"""Where the name of a registry leads, and whether a stranger may have it asked."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

from domain.core import addresses


def closed(registry: str) -> str:
    """Why a registry that a stranger has named is not asked; empty: it is public, or has no address for now."""
    try:
        return next(filter(None, map(addresses.refusal, addresses_of(registry))), "")
    except OSError:
        return ""


def addresses_of(netloc: str) -> list[addresses.Address]:
    """All addresses of a `HOST[:PORT]`.

    Raises:
        OSError: it has none.
    """
    try:
        found = socket.getaddrinfo(urlsplit(f"//{netloc}").hostname, None, type=socket.SOCK_STREAM)
    except ValueError as unknown:
        raise OSError(str(unknown)) from unknown
    return [addresses.read(str(one[4][0])) for one in found]
