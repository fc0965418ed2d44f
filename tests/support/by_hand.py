"""A whole engine with its server and people who act on clusters by hand, in browsers and on a command line far away."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from playwright.sync_api import Browser, Page, expect
from temporalio.client import WorkflowFailureError
from temporalio.service import RPCError

from activities.kubernetes.client import Kube
from activities.kubernetes.discovery import discovery
from activities.kubernetes.kubeconfigs import AddressBook
from domain.clusters.requests import STEP, request_id
from tests.support.command_line import call, said
from tests.support.lab import until
from tests.support.served import serving
from tests.support.walking import Administrator, Walker, walker
from workers.client import approvals
from workers.client.client import connect
from workers.core.settings import Settings

LATER_MS = 120_000
T = TypeVar("T")


@dataclass
class Hands:
    """Who does what, and how clusters are reached past the engine."""

    settings: Settings
    olga: Walker
    """Runs clusters."""
    bora: Walker
    """Agrees."""
    dana: dict[str, str]
    """Asks, far away: her environment."""

    def kube(self, cluster: str) -> Kube:
        access = AddressBook(self.settings.addresses).find(cluster)
        return Kube(access, discovery(self.settings.clusters, cluster))

    def far(self, name: str) -> dict[str, str]:
        """Somebody on a command line of their own."""
        env = {**self.dana, "XDG_CONFIG_HOME": f"{self.dana['XDG_CONFIG_HOME']}-{name}"}
        code, out, err = call("login", said("people", "invite", name).split()[0], env=env)
        assert code == 0, out + err
        return env

    def asks(self, kind: str, cluster: str, *words: str) -> str:
        """Dana asks; the request's number."""
        code, out, err = call("request", kind, cluster, *words, "--reason", "the import", env=self.dana)
        assert code == 0, out + err
        found = re.search(rf"request/{cluster}/(\d+)", out)
        assert found, out
        return found.group(1)

    def agrees(self, cluster: str, number: str) -> None:
        """Bora reads the plan of what is signed, and approves."""
        apart(self._is_asked(cluster, number))
        page = self.bora.page
        page.goto(f"/requests/{cluster}/{number}")
        page.get_by_role("link", name="Decide it").click()
        page.get_by_role("button", name="Approve").click()
        expect(page.locator("form[data-decide]")).to_have_count(0)

    async def _is_asked(self, cluster: str, number: str) -> None:
        engine, id_ = await connect(self.settings), request_id(cluster, int(number))
        await until(lambda: approvals.view(engine, id_, STEP))

    def reaches(self, cluster: str, number: str, words: str) -> None:
        """What Bora reads of it by and by, without loading the page again."""
        self.bora.page.goto(f"/requests/{cluster}/{number}")
        expect(self.bora.page.locator(".summary .badge")).to_have_text(words, timeout=LATER_MS)

    def done(self, cluster: str, number: str, words: str) -> None:
        """Agreed to, and seen so far."""
        self.agrees(cluster, number)
        self.reaches(cluster, number, words)

    def begins(self, page: Page, cluster: str) -> None:
        """Signs the plan that is shown, and comes to the page of its progress."""
        page.get_by_role("button", name="Sign and begin").click()
        page.wait_for_url(f"**/clusters/{cluster}/progress")

    def proves(self, page: Page) -> None:
        """That it is she, where what she wants asks for a second factor of the last minutes."""
        refused = page.locator("details.refused summary")
        if refused.count():
            refused.first.click()
            page.get_by_role("link", name="Confirm that it is you").click()
            page.locator("form[data-step-up] button[type=submit]").click()
            page.wait_for_url(lambda url: "/login/step-up" not in url)

    def ends(self, *clusters: str) -> None:
        """Returns when nothing is left of them."""
        for name in clusters:
            call("cluster", "delete", name, "--no-wait")
        for name in clusters:
            apart(_gone(self.settings, name))


@contextmanager
def hands_of(folder: Path, browser: Browser, templates: dict[str, str] | None = None) -> Iterator[Hands]:
    """`templates`: name to text, in the home."""
    with serving(folder / "home") as settings, contextlib.ExitStack() as open_:
        (settings.home / "cluster-templates").mkdir()
        for name, text in (templates or {}).items():
            (settings.home / "cluster-templates" / f"{name}.yaml").write_text(text)
        admin = Administrator(settings, folder / "admin")

        def somebody(name: str, role: str) -> Walker:
            one = open_.enter_context(walker(browser, admin.invites(name, role)))
            said("people", "confirm", name, "--key", one.makes_a_passkey())
            return one

        dana = {"SLUICEWAY_SERVER": settings.engine()["server"], "XDG_CONFIG_HOME": str(folder / "dana")}
        assert call("login", admin.invites("dana", "developer"), env=dana)[0] == 0
        yield Hands(settings, somebody("olga", "operator"), somebody("bora", "approver"), dana)


def apart(doing: Coroutine[Any, Any, T]) -> T:
    """Beside the loop of the browser."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(doing)).result()


def soon(look: Callable[[], T | None], limit_s: float = 60) -> T:
    """The first true value."""
    return apart(until(look, limit_s))


async def _gone(settings: Settings, name: str) -> None:
    with contextlib.suppress(WorkflowFailureError, RPCError):  # it failed, or there never was one
        await (await connect(settings)).client.get_workflow_handle(f"cluster/{name}").result()
