"""A map in a real browser: made larger by keys, drawn about, followed by keyboard, and as it was when it is renewed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page, expect

from domain.inventory.model import Health
from tests.workers.console.browser import Site, reader, site

pytestmark = [pytest.mark.browser, pytest.mark.system, pytest.mark.timeout(120)]


@pytest.fixture
def of() -> Iterator[Site]:
    with site() as found:
        yield found
    assert found.complaints == []


def _open(browser: Browser, of: Site, path: str) -> Page:
    page = of.watch(reader(browser, of, width=1000, height=700).new_page())
    page.goto(path)
    return page


def _width(page: Page) -> int:
    return int(page.locator("[data-map]").get_attribute("width") or 0)


def test_a_map_is_made_larger_and_smaller_by_keys_and_seen_as_a_whole(browser: Browser, of: Site):
    page = _open(browser, of, "/topology/eu-1/shop")
    before = _width(page)
    page.keyboard.press("+")
    page.keyboard.press("+")
    larger = _width(page)
    page.keyboard.press("-")
    smaller = _width(page)
    page.keyboard.press("0")
    assert (before < larger, smaller < larger) == (True, True)
    assert _width(page) <= page.locator(".map").evaluate("one => one.clientWidth")
    page.context.close()


def test_a_box_is_followed_by_keyboard_one_level_deeper(browser: Browser, of: Site):
    page = _open(browser, of, "/topology")
    for name, address in (("us-1", "/topology/us-1"), ("shop", "/topology/us-1/shop")):
        page.locator(f"a.m-box[aria-label^='{name}:']").focus()
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{of.url}{address}")
    page.context.close()


def test_a_change_is_drawn_live_and_the_map_keeps_its_size(browser: Browser, of: Site):
    page = _open(browser, of, "/topology/us-1/shop")
    page.keyboard.press("+")
    larger = _width(page)
    key = ("us-1", "Deployment", "shop", "mail")
    of.world.objects[key] = replace(of.world.objects[key], health=Health.DEGRADED, reason="it crashed")
    of.told.say("fleet", "us-1")
    expect(page.locator("a.m-box.m-degraded[aria-label^='mail:']")).to_be_visible()
    page.wait_for_function(f"document.querySelector('[data-map]').getAttribute('width') === '{larger}'")
    page.context.close()


def test_drawing_a_map_about_opens_no_box(browser: Browser, of: Site):
    page = _open(browser, of, "/topology/eu-1/shop")
    for _ in range(4):
        page.keyboard.press("+")
    region, box = page.locator(".map"), page.locator("a.m-box").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 60, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] - 60, box["y"] - 20, steps=4)
    page.mouse.up()
    assert region.evaluate("one => one.scrollLeft") > 0
    expect(page).to_have_url(f"{of.url}/topology/eu-1/shop")
    page.context.close()
