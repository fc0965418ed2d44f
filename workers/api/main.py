"""The server process: what it is made of, and how long it runs."""

from __future__ import annotations

import argparse
import logging
import os
import socket
import ssl
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import uvicorn
from litestar import Request
from litestar.types import ASGIApp

from activities.storage.changes import ChangeReader
from domain.access.entrance import Entrance, local_url, unsafe, wrong_url
from domain.access.temporal_calls import PREFIX
from domain.core.errors import DefinitionError, SluicewayError
from workers.api.app import create_app
from workers.api.auth import Cookies, SessionAuthenticator, check
from workers.api.feed import Feed
from workers.api.gate import Gate
from workers.api.handlers import handlers
from workers.api.once import Once
from workers.api.parts import Parts
from workers.api.protocol import BoundedProtocol
from workers.client.logins.of_home import logins_of
from workers.client.wiring import clients_of
from workers.core import logs
from workers.core.settings import Settings, load
from workers.worker.client_wiring import server_parts

MOST_CONNECTIONS = 1_000
"""At once; further ones are answered with 503."""
DRAIN_S = 5
"""How long requests under way may take after the server is told to stop."""


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


def parts_of(settings: Settings, entrance: Entrance) -> Parts:
    """What the server of this home is made of. Raises like `open_records`."""
    engine = server_parts(settings)
    limiter = engine.records.rates
    clients = clients_of(engine)
    return Parts(
        clients=clients.client,
        guards=clients.guard,
        authenticator=SessionAuthenticator(
            logins_of(settings, engine.records, entrance.url, limiter), Cookies(entrance.secure)
        ),
        changes=Feed(ChangeReader(engine.records.database)),
        limiter=limiter,
        answers=engine.records.answers,
        origin=entrance.url,
        temporal_ui=settings.engine().get("temporal_ui", ""),
        secure=entrance.secure,
    )


async def forged(request: Request[Any, Any, Any], parts: Parts) -> None:
    """Pages send a token with what changes something. The Temporal UI does not know it: its writes are decisions that
    people have signed elsewhere, and the gate lets none through from another origin.
    """
    if not request.url.path.startswith(f"{PREFIX}/"):
        await check(request, parts)


def configure(parts: Parts, entrance: Entrance, options: Options) -> uvicorn.Config:
    """The server around the application.

    Raises:
        DefinitionError: SLW459, the certificate cannot be used.
    """
    app: ASGIApp = create_app(parts, handlers(), [forged])
    if parts.answers:
        app = Once(app, parts.answers, parts.authenticator)
    app = Gate(app, entrance)
    config = uvicorn.Config(
        app,
        host=entrance.host,
        port=entrance.port,
        loop="uvloop",
        http=BoundedProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_graceful_shutdown=DRAIN_S,
        ssl_certfile=options.tls_cert,
        ssl_keyfile=options.tls_key,
    )
    try:
        config.load()
    except (OSError, ssl.SSLError) as wrong:
        raise DefinitionError("SLW459", "the certificate cannot be used", why=str(wrong)) from wrong
    return config


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


def serve(options: Options) -> None:
    """Runs until it is told to stop.

    Raises:
        DefinitionError: as `entrance_of` and `configure`.
        SluicewayError: the records cannot be opened.
    """
    entrance_of(options)  # before anything listens
    settings, link = load(), bound(options.listen)
    host = options.listen.rpartition(":")[0]
    options = replace(options, listen=f"{host}:{link.getsockname()[1]}")
    entrance = entrance_of(options)
    logs.configure(os.environ.get("SLUICEWAY_LOG", ""))
    config = configure(parts_of(settings, entrance), entrance, options)
    logging.getLogger("sluiceway.server").info("the server listens at %s", entrance.url)
    uvicorn.Server(config).run(sockets=[link])


def main() -> None:
    """Of the service that `sluiceway up` keeps."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--listen", required=True)
    parser.add_argument("--url", default="")
    given = parser.parse_args()
    try:
        serve(Options(listen=given.listen, url=given.url))
    except SluicewayError as wrong:
        sys.exit(str(wrong))


if __name__ == "__main__":
    main()
