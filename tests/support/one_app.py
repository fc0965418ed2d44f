"""One application for all servers of a process: to register its two hundred handlers takes longer than most tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from functools import cache
from typing import Any

from litestar import Litestar
from litestar.types import ASGIApp, ControllerRouterHandler

from workers.api.app import Before, app_with
from workers.api.parts import Parts

Handlers = Callable[[], Sequence[ControllerRouterHandler]]
_ASKED: ContextVar[Parts] = ContextVar("asked")
"""The parts of the server that answers the request of this context."""


def app_of(parts: Parts, handlers: Handlers, before: Sequence[Before] = ()) -> ASGIApp:
    """The server of these parts, as `create_app` makes it. `handlers`: a function of a module, which is their name."""
    app = _made(handlers, tuple(before))

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":  # of one server; the application has none, and goes on
            return await _lives(receive, send)
        asked = _ASKED.set(parts)
        try:
            await app(scope, receive, send)
        finally:
            _ASKED.reset(asked)

    return answer


@cache
def _made(handlers: Handlers, before: tuple[Before, ...]) -> Litestar:
    return app_with(_asked, handlers(), before)


def _asked() -> Parts:
    return _ASKED.get()


async def _lives(receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})
