"""A pod in the browser: a manifest is checked as it is typed, planned and started; its log is searched."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.support.memory_client import seeded
from tests.support.memory_client.pods import ODD, REFUSED
from tests.workers.console.browser import Site, chromium, reader, site

pytestmark = [pytest.mark.browser, pytest.mark.system, pytest.mark.timeout(200)]
MANIFEST = "kind: Pod\nspec:\n  hostNetwork: true\n  containers:\n    - name: a\n      image: {}\n"
LOG = "/clusters/eu-1/namespaces/shop/pods/web-shop-canary-bbbbb/logs"
SUBMIT = "main form.form .form-end button[type=submit]"


@pytest.fixture(scope="module")
def shared() -> Iterator[Site]:
    with site(seeded()) as found:
        yield found


@pytest.fixture
def page(shared: Site) -> Iterator[Page]:
    with chromium() as browser:
        context = reader(browser, shared)
        yield shared.watch(context.new_page())
        context.close()


def test_a_manifest_is_checked_as_it_is_typed_and_started_as_it_was_planned(page: Page) -> None:
    page.goto("/pods/new?mode=expert&cluster=eu-1&namespace=shop&name=typed")
    page.locator("[name=manifest]").fill(MANIFEST.format(REFUSED))
    expect(page.locator(".remarks li[data-line='6']")).to_contain_text("SLW311")
    expect(page.locator(".gutter .mark-error")).to_have_text("6")
    page.locator("[name=manifest]").fill(MANIFEST.format("registry.example/x:1"))
    expect(page.locator(".remarks li[data-line='6']")).to_have_count(0)
    page.locator(SUBMIT).click()
    expect(page.locator("h1")).to_have_text("Plan of typed")
    page.locator(SUBMIT).click()
    page.wait_for_url("**/pods/eu-1/shop/typed/1")
    expect(page.locator(".story")).to_contain_text("pending")


def test_the_log_of_all_containers_is_searched_and_shows_names_of_strangers_as_text(page: Page) -> None:
    page.goto(LOG)
    expect(page.locator("#log.live")).to_be_visible()
    page.locator("main [name=text]").fill("no such file")
    page.keyboard.press("Enter")
    expect(page.locator("[data-log-matches]")).to_have_text("1 of 60")
    expect(page.locator("#log")).to_contain_text(ODD)
    assert page.locator("#log img").count() == 0
    page.locator("nav.attempts a", has_text="app").click()
    expect(page.locator("nav.attempts [aria-current=page]")).to_have_text("app")


def test_a_pod_is_restarted_by_keyboard_with_a_reason(page: Page) -> None:
    page.goto("/clusters/eu-1/objects/Pod/shop/web-shop-canary-bbbbb")
    page.locator("main details.ask > summary", has_text="Restart").focus()
    page.keyboard.press("Enter")
    page.locator("#field-restart-reason").fill("it hangs")
    page.keyboard.press("Enter")
    page.wait_for_url("**/Deployment/shop/web-shop-canary?done=restarts")
    expect(page.locator("main")).to_contain_text("It is being restarted.")
