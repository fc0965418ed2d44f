"""The server process: what it is made of, and how long it runs."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import ssl
import sys
from dataclasses import replace
from functools import partial
from types import FrameType
from typing import Any

import uvicorn
from litestar import Request
from litestar.types import ASGIApp

from activities.storage.changes import ChangeReader
from domain.access.entrance import Entrance
from domain.access.temporal_calls import PREFIX
from domain.core.errors import DefinitionError, SluicewayError
from domain.pods.exec_session import FRAME_BYTES
from workers.api.app import create_app
from workers.api.auth import Cookies, SessionAuthenticator, check
from workers.api.codec import Codec
from workers.api.events import STREAMS
from workers.api.feed import Feed
from workers.api.gate import Gate
from workers.api.handlers import handlers
from workers.api.once import Once
from workers.api.options import Options, bound, entrance_of
from workers.api.parts import Changes, Parts
from workers.api.protocol import BoundedProtocol
from workers.client.logins.of_home import logins_of
from workers.client.on_engine.orders import home_of
from workers.client.on_engine.payload_owners import PayloadOwners
from workers.client.wiring import clients_of
from workers.core import heap, logs
from workers.core.keyring import Keyring
from workers.core.settings import Settings, load
from workers.worker.client_wiring import server_parts

MOST_CONNECTIONS = 1_000
"""At once; further ones are answered with 503."""
DRAIN_S = 5
"""How long requests under way may take after the server is told to stop."""


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
        home=lambda: home_of(settings),
        temporal_ui=settings.engine().get("temporal_ui", ""),
        codec=Codec(Keyring.of_home(settings.home), settings.namespace, PayloadOwners(engine)),
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
        app = Once(app, parts.answers, parts.authenticator, partial(forged, parts=parts))
    app = Gate(app, entrance)
    config = uvicorn.Config(
        app,
        host=entrance.host,
        port=entrance.port,
        loop="uvloop",
        http=BoundedProtocol,
        ws="auto",
        ws_max_size=FRAME_BYTES + 1,
        ws_per_message_deflate=False,
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


class Ending(uvicorn.Server):
    """Ends its streams first: a page that is open would hold it up."""

    def __init__(self, config: uvicorn.Config, changes: Changes) -> None:
        super().__init__(config)
        self._changes = changes

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Told by a signal, in the thread of the loop."""
        STREAMS.ending = True
        if isinstance(self._changes, Feed):
            asyncio.get_running_loop().call_soon_threadsafe(self._changes.stop)
        super().handle_exit(sig, frame)


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
    parts = parts_of(settings, entrance)
    config = configure(parts, entrance, options)
    heap.settle()
    logging.getLogger("sluiceway.server").info("the server listens at %s", entrance.url)
    Ending(config, parts.changes).run(sockets=[link])


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
