"""A real browser before a real server of the console: strict headers, events, a client in memory."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from domain.access.actions import Action
from domain.access.entrance import Entrance, local_url
from tests.support.memory_client import World, seeded
from tests.support.memory_client.world import NOW
from tests.support.programs import need
from tests.workers.console.site import console, time_of_the_world
from workers.api.gate import Gate
from workers.api.parts import Change

MOMENT = datetime.fromtimestamp(NOW, UTC)


class Told:
    """Changes that a test makes."""

    def __init__(self) -> None:
        self.all: list[Change] = []

    def say(self, topic: str, key: str) -> None:
        """Something changed."""
        self.all.append(Change(len(self.all) + 1, topic, key))

    async def last(self) -> int:
        """Number of the last one."""
        return len(self.all)

    async def after(self, seq: int, limit: int = 500) -> tuple[Change, ...]:
        """Those after it, soon; none after a while, so that a stream's end is seen."""
        for _ in range(50):
            if len(self.all) > seq:
                break
            await asyncio.sleep(0.02)
        return tuple(self.all[seq : seq + limit])


@dataclass
class Site:
    """A server that answers, and what stands behind it."""

    url: str
    world: World
    told: Told
    complaints: list[str] = field(default_factory=list)
    """Of all pages: errors of scripts, and what the policy of contents refused."""

    def watch(self, page: Page) -> Page:
        """Collects what goes wrong in it."""
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("console", lambda told: self.complaints.append(told.text) if told.type == "error" else None)
        return page


@contextmanager
def site(world: World | None = None, refused: frozenset[Action] = frozenset()) -> Iterator[Site]:
    """The server, on a port of its own, until the test ends."""
    link = socket.create_server(("127.0.0.1", 0))
    url, told, of = local_url(link.getsockname()[1]), Told(), world or seeded()
    entrance = Entrance(host="127.0.0.1", port=link.getsockname()[1], url=url)
    app = Gate(console(of, refused, changes=told, origin=url), entrance)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [link]}, daemon=True)
    thread.start()
    try:
        with time_of_the_world():
            yield Site(url, of, told)
    finally:
        server.should_exit = True
        thread.join(10)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's."""
    path = need("chromium", "pages are looked at in a real browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


def reader(
    browser: Browser, of: Site, *, language: str = "en-US", dark: bool = False, width: int = 1360, height: int = 860
) -> BrowserContext:
    """Somebody with a language, a theme and a screen, at the moment of the world in memory."""
    context = browser.new_context(
        base_url=of.url,
        locale=language,
        color_scheme="dark" if dark else "light",
        viewport={"width": width, "height": height},
        reduced_motion="reduce",
    )
    context.clock.set_fixed_time(MOMENT)
    return context
