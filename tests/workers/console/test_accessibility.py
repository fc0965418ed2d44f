"""Every page of the console in a real browser: as people use it who see little, hold a phone or read Korean.

Each rule is asked where its answer can differ. Themes differ in colors alone, so the page that is there is seen in both; words
differ by language, and colors do not. Looking at the contrast of a page takes three times as long as all other rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.support.memory_client import seeded
from tests.workers.console.browser import Site, reader, site
from tests.workers.console.walk import PAGES

pytestmark = [pytest.mark.browser, pytest.mark.system, pytest.mark.timeout(900)]
OF_COLORS = ("color-contrast", "link-in-text-block")
"""Those of axe's rules that compare colors."""


@pytest.fixture(scope="module")
def shared() -> Iterator[Site]:
    """No test changes anything."""
    with site(seeded()) as found:
        yield found
    assert found.complaints == []


def violations(page: Page, rules: Mapping[str, object], of: str = "html") -> list[tuple[str, str, str]]:
    """What axe finds in an element: address, rule, and the beginning of the first element that breaks it.

    It looks again before it says so: what is being renewed is dim until the answer is there, which a busy machine takes long for.
    """
    found = []
    for _ in range(2):
        expect(page.locator(".htmx-request")).to_have_count(0)
        found = Axe().run(page, of, {"resultTypes": ["violations"], **rules}).response["violations"]
        if not found:
            break
    return [(page.url, one["id"], one["nodes"][0]["html"][:200]) for one in found]


def opened(page: Page, path: str) -> None:
    """With its first form unfolded."""
    page.goto(path)
    page.wait_for_load_state("networkidle") if "/log/" in path else None
    for summary in page.query_selector_all("main details.ask > summary")[:1]:
        summary.click()


def test_no_page_has_a_violation_of_accessibility_in_either_theme(browser: Browser, shared: Site):
    context = reader(browser, shared)
    page, found = shared.watch(context.new_page()), []
    for path in PAGES:
        page.emulate_media(color_scheme="light")
        opened(page, path)
        found += violations(page, {})
        page.emulate_media(color_scheme="dark")
        around_it = path == PAGES[0]  # the header and the menu are those of all pages
        colors = {"runOnly": {"type": "rule", "values": OF_COLORS}}
        found += violations(page, colors, "html" if around_it else "main")
    context.close()
    assert found == []


def test_no_korean_page_has_a_violation_of_accessibility(browser: Browser, shared: Site):
    context = reader(browser, shared, language="ko-KR")
    page, found = shared.watch(context.new_page()), []
    for path in PAGES:
        opened(page, path)
        found += violations(page, {"rules": {one: {"enabled": False} for one in OF_COLORS}})
    context.close()
    assert found == []


@pytest.mark.parametrize("width", [320, 360, 680], ids=["reflow", "phone", "200 % zoom"])
def test_no_page_scrolls_sideways(browser: Browser, shared: Site, width: int):
    """WCAG 1.4.10: 320 pixels are a screen of 1280 at 400 %."""
    context = reader(browser, shared, width=width, height=740)
    page, wide = shared.watch(context.new_page()), []
    for path in PAGES:
        page.goto(path)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(path)
    context.close()
    assert wide == []
