"""Pages of clusters in a real browser: search from every page, changes that appear, and what falls silent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from domain.inventory.model import Health
from tests.support.memory_client.world import NOW
from tests.workers.console.browser import MOMENT, Site, reader, site
from tests.workers.console.walk import NAMESPACE

pytestmark = [pytest.mark.browser, pytest.mark.system, pytest.mark.timeout(120)]
POD = ("eu-1", "Pod", "shop", "mail-7d9f8c6b5-00001")


@pytest.fixture
def live() -> Iterator[Site]:
    """For a test that changes what is in the clusters."""
    with site() as found:
        yield found
        assert found.complaints == []


def break_pod(of: Site) -> None:
    """A pod goes bad, and the page is told of its cluster."""
    row = of.world.objects[POD]
    of.world.objects[POD] = replace(row, status="OOMKilled", health=Health.DEGRADED, reason="it needs more memory")
    of.told.say("fleet", "eu-1")


def test_the_key_slash_searches_everything_from_any_page_and_arrows_walk_through_it(browser: Browser, live: Site):
    context = reader(browser, live)
    page = live.watch(context.new_page())
    page.goto("/runs/web-shop/30")
    page.keyboard.press("/")
    page.keyboard.type("web-shop-can")
    found = page.locator("#found a")
    expect(found).to_have_count(6)
    expect(page.locator("[data-announce]")).to_have_text("6 found")
    assert Axe().run(page).response["violations"] == []
    assert page.title().startswith("web-shop #30")
    for key, at in (("ArrowDown", 0), ("ArrowDown", 1), ("ArrowUp", 0)):
        page.keyboard.press(key)
        expect(found.nth(at)).to_be_focused()
    page.keyboard.press("Escape")
    expect(found).to_have_count(0)
    expect(page.get_by_role("searchbox", name="Search everything")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=web-shop-can")
    page.locator("main a", has_text="web-shop-canary-aaaaa").click()
    expect(page.locator("h1")).to_have_text("web-shop-canary-aaaaa")
    context.close()


def test_a_slash_that_is_typed_into_a_field_is_a_slash(browser: Browser, live: Site):
    context = reader(browser, live)
    page = live.watch(context.new_page())
    page.goto("/objects")
    field = page.get_by_role("searchbox", name="Filter by name")
    field.press_sequentially("a/b")
    expect(field).to_be_focused()
    expect(field).to_have_value("a/b")
    context.close()


@pytest.mark.parametrize("path", ["/fleet", "/clusters/eu-1", NAMESPACE, "/objects?cluster=eu-1&health=degraded"])
def test_what_goes_wrong_in_a_cluster_appears_in_the_page_that_is_open(browser: Browser, live: Site, path: str):
    context = reader(browser, live)
    page = live.watch(context.new_page())
    page.goto(path)
    expect(page.locator("[data-live-state].on")).to_be_visible()
    expect(page.locator("main")).not_to_contain_text("it needs more memory")
    if path == "/fleet":
        number = sum(one.kind == "Pod" and one.health is Health.DEGRADED for one in live.world.objects.values())
        told = page.locator(".total", has_text="Pods").locator(".count-bad")
        expect(told).to_have_text(f"degraded {number}")
        break_pod(live)
        expect(told).to_have_text(f"degraded {number + 1}")
    else:
        break_pod(live)
        expect(page.locator("main")).to_contain_text("it needs more memory")
    context.close()


def test_a_list_is_paged_and_live_at_once(browser: Browser, live: Site):
    context = reader(browser, live)
    page = live.watch(context.new_page())
    page.goto("/objects?kind=Pod")
    rows = page.locator("#found-objects tbody tr:not(.more)")
    expect(rows).to_have_count(50)
    page.get_by_role("link", name="More").click()
    expect(rows).to_have_count(100)
    gone = live.world.objects.pop(POD)
    live.told.say("fleet", "eu-1")
    left = sum(one.kind == "Pod" for one in live.world.objects.values())
    expect(page.locator(".chips .strong")).to_have_text(f"{left} in all")
    expect(rows).to_have_count(100)
    expect(page.locator("#found-objects")).not_to_contain_text(f"eu-1 / shop{gone.name}")
    page.get_by_role("link", name="More").click()
    expect(rows).to_have_count(left)
    context.close()


def test_what_is_gone_is_said_to_be_gone_and_what_was_known_of_it_stays(browser: Browser, live: Site):
    context = reader(browser, live)
    page = live.watch(context.new_page())
    page.goto("/clusters/eu-1/objects/Pod/shop/mail-7d9f8c6b5-00001")
    expect(page.locator("[data-live-state].on")).to_be_visible()
    gone = page.get_by_text("What this page shows is gone")
    expect(gone).to_be_hidden()
    live.world.objects.pop(POD)
    live.told.say("fleet", "eu-1")
    expect(gone).to_be_visible()
    expect(page.locator("h1")).to_have_text("mail-7d9f8c6b5-00001")
    context.close()
    assert [one for one in live.complaints if "404" not in one] == []
    live.complaints.clear()


def test_a_cluster_that_falls_silent_turns_grey_though_nobody_tells_the_page(browser: Browser, live: Site):
    context = reader(browser, live)
    context.clock.install(time=MOMENT)
    page = live.watch(context.new_page())
    page.goto("/clusters/us-1")
    expect(page.locator(".summary .badge-good")).to_be_visible()
    live.world.watches["us-1"] = replace(live.world.watches["us-1"], heard_at=NOW - 120)
    page.clock.fast_forward(16_000)
    expect(page.get_by_role("status").filter(has_text="us-1 is not heard of")).to_be_visible()
    expect(page.locator(".badge-good")).to_have_count(0)
    context.close()
