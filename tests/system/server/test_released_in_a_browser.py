"""A canary under load in a real browser on a real engine: followed live, paused, resumed and rolled back from its page.

tests/workers/console/test_browser.py has the steps one by one, against clients in memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.support import scene
from tests.support.scene import Scene
from tests.support.served import serving
from tests.support.walking import Walker, first_link, walker
from tests.workers.console.browser import chromium
from workers.core.settings import Settings

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def chosen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with serving(tmp_path_factory.mktemp("released") / "home") as settings:
        yield settings


def test_a_canary_is_paused_resumed_and_rolled_back_from_its_page(
    chosen: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(scene, "DEPLOY", scene.DEPLOY.replace("min-dwell: 2s", "min-dwell: 12s"))
    asyncio.run(_walked(chosen, tmp_path))


async def _walked(chosen: Settings, folder: Path) -> None:
    async with Scene.on(chosen, "shop", folder, rate=60) as made:
        run = await asyncio.to_thread(made.begin)
        await asyncio.to_thread(_steered, chosen, made.release)
        assert await made.ends_where_its_record_says(run) == "rolled-back"


def _steered(chosen: Settings, release: str) -> None:
    with chromium() as browser, walker(browser, first_link(chosen, "visitor"), color_scheme="dark") as visitor:
        page = visitor.page
        page.goto("/releases")
        page.locator(f"#releases a[href$='{release.removeprefix('release/')}']").click()
        expect(page.locator(".plot canvas")).to_have_count(2)
        expect(page.locator(".weight-number")).to_have_text("20%")
        _by_keyboard(visitor, "Pause", "let me look")
        expect(page.locator(".summary")).to_contain_text("paused")
        counted = page.locator("#release td.narrow.right").nth(1)
        seen = counted.inner_text()
        expect(counted).not_to_have_text(seen)  # by itself
        _by_keyboard(visitor, "Resume", "it is fine")
        expect(page.locator(".summary")).not_to_contain_text("paused")
        expect(page.locator(".weight-number")).to_have_text("50%")
        _by_keyboard(visitor, "Roll back", "customers complain")
        expect(page.locator(".summary .badge").first).to_have_text("aborted")  # as the command line calls it
        expect(page.locator("#story")).to_contain_text("customers complain")
        expect(page.locator(".weight-number")).to_have_text("0%")


def _by_keyboard(visitor: Walker, command: str, reason: str) -> None:
    visitor.tabs_to("summary", command)
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.locator("details.ask[open] input[name=reason]")).to_be_focused()
    visitor.page.keyboard.type(reason)
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.locator(".notice-good")).to_be_visible()
