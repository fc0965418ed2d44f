"""Which addresses a client talks to: https, and http on this machine only."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from domain.core.errors import DefinitionError


def origin_of(text: str) -> str:
    """`https://HOST[:PORT]` of an address that a person typed; a path behind it is not kept.

    Raises:
        DefinitionError: SLW475, it is not https and not of this machine, or holds a name or password.
    """
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as wrong:
        raise _unsafe(text, "it is no address") from wrong
    if not host or parts.username is not None or parts.password is not None:
        raise _unsafe(text, "it must be https://HOST[:PORT], without a name or password")
    if parts.scheme not in ("https", "http"):
        raise _unsafe(text, f"{parts.scheme} is not https")
    if parts.scheme == "http" and not is_loopback(host):
        raise _unsafe(text, "http is not encrypted, and this is another machine")
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{port}" if port else "")


def is_loopback(host: str) -> bool:
    """Whether a name can only be this machine (RFC 6761, 6.3: localhost and all below it)."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _unsafe(text: str, why: str) -> DefinitionError:
    return DefinitionError("SLW475", "the address of the server is not safe", where=text[:200], why=why)
