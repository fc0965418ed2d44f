"""Where a server listens, as its command line says it."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from pathlib import Path

from domain.access.entrance import Entrance, local_url, unsafe, wrong_url
from domain.core.errors import DefinitionError


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the command line says of a server."""

    listen: str = "127.0.0.1:0"
    url: str = ""
    tls_cert: Path | None = None
    tls_key: Path | None = None
    trusted_proxy: str = ""


def entrance_of(options: Options) -> Entrance:
    """Where people get in.

    Raises:
        DefinitionError: SLW450, not so; SLW451, not by this URL; SLW459, half of a certificate.
    """
    host, _, port = options.listen.rpartition(":")
    host = host.strip("[]")
    if not port.isascii() or not port.isdecimal() or int(port) > 65_535:
        raise DefinitionError("SLW450", f"'{options.listen}' is not ADDRESS:PORT")
    if (options.tls_cert is None) != (options.tls_key is None):
        raise DefinitionError("SLW459", "--tls-cert and --tls-key belong together")
    tls = options.tls_cert is not None
    url = options.url.rstrip("/") or local_url(int(port), tls=tls)
    found = Entrance(host=host, port=int(port), url=url, tls=tls, trusted_proxy=options.trusted_proxy)
    if why := unsafe(found):
        raise DefinitionError("SLW450", f"the server must not listen on {options.listen}", why=why)
    if why := wrong_url(found):
        raise DefinitionError("SLW451", f"{url} cannot be the server's URL", why=why)
    return found


def bound(listen: str) -> socket.socket:
    """A socket that listens on `ADDRESS:PORT`; port 0: on a free one.

    Raises:
        DefinitionError: SLW450, it is not to be had.
    """
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    link = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    link.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        link.bind((host, int(port)))
    except (OSError, ValueError, OverflowError) as wrong:
        link.close()
        raise DefinitionError("SLW450", f"the server cannot listen on {listen}", why=str(wrong)) from wrong
    return link
