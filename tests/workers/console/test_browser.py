"""The console in a real browser: as people use it who use no mouse, hold a phone or read a long log."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.support.memory_client import seeded
from tests.support.memory_client.world import NOW
from tests.workers.console.browser import Site, reader, site
from tests.workers.console.walk import RELEASE, RUN
from workers.client.ports.runs import LogLine

pytestmark = [pytest.mark.browser, pytest.mark.system, pytest.mark.timeout(900)]
LINES = 200_000
"""Of the long log: more than an element of a browser is high."""


@pytest.fixture(scope="module")
def shared() -> Iterator[Site]:
    """For tests that change nothing."""
    world = seeded()
    world.logs["run/web-shop/29", "unit", 1] = [
        LogLine(number, NOW + number / 100, "out", f"line {number}{' needle' if number % 50_000 == 0 else ''}")
        for number in range(1, LINES + 1)
    ]
    with site(world) as found:
        yield found
    assert found.complaints == []


def open_page(context: BrowserContext, of: Site, path: str) -> Page:
    page = of.watch(context.new_page())
    page.goto(path)
    return page


def test_the_menu_of_a_phone_opens_and_closes_by_keyboard(browser: Browser, shared: Site):
    context = reader(browser, shared, width=360, height=740)
    page = open_page(context, shared, "/runs")
    expect(page.locator("nav.menu")).to_be_hidden()
    page.get_by_role("button", name="Menu").press("Enter")
    expect(page.locator("nav.menu")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("nav.menu")).to_be_hidden()
    context.close()


def test_a_list_is_filtered_as_you_type_and_the_address_says_so(browser: Browser, shared: Site):
    context = reader(browser, shared)
    page = open_page(context, shared, "/runs")
    rows = page.locator("#runs tbody tr:not(.more)")
    expect(rows).to_have_count(50)
    page.get_by_role("link", name="More").click()
    expect(rows).to_have_count(100)
    page.get_by_role("searchbox", name="Filter").press_sequentially("web-shop/12")
    expect(rows).to_have_count(1)
    expect(page).to_have_url(f"{shared.url}/runs?text=web-shop%2F12&status=")
    page.reload()
    expect(rows).to_have_count(1)
    context.close()


def test_language_and_theme_are_chosen_in_the_page_and_kept(browser: Browser, shared: Site):
    context = reader(browser, shared)
    page = open_page(context, shared, "/runs?status=failed")
    page.get_by_label("Language and theme").click()
    page.get_by_role("radio", name="한국어").check()
    page.get_by_role("radio", name="Dark").check()
    page.get_by_role("button", name="Save").click()
    expect(page).to_have_url(f"{shared.url}/runs?status=failed")
    expect(page.locator("h1")).to_have_text("실행")
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
    context.close()


def test_a_run_is_cancelled_by_keyboard_alone(browser: Browser):
    with site() as of:
        context = reader(browser, of)
        page = open_page(context, of, "/")
        page.keyboard.press("/")
        page.keyboard.type("web-shop/30")
        expect(page.locator("#found a")).to_have_count(1)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_url("**/runs/web-shop/30")
        _tab_to(page, "summary", "Cancel")
        page.keyboard.press("Enter")
        expect(page.get_by_label("Reason")).to_be_focused()
        page.keyboard.type("by keyboard")
        _tab_to(page, "button", "Cancel the run")
        page.keyboard.press("Enter")
        expect(page.get_by_text("is being cancelled")).to_be_visible()
        assert of.world.runs["run/web-shop/30"].row.reason == "by keyboard"
        context.close()
        assert of.complaints == []


def _tab_to(page: Page, tag: str, text: str) -> None:
    """Presses the tabulator until this has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(
            "([tag, text]) => document.activeElement.matches(tag) && document.activeElement.textContent.trim() === text",
            [tag, text],
        ):
            return
    raise AssertionError(f"{text} cannot be reached")


def test_a_page_follows_what_changes_but_not_under_an_open_form(browser: Browser):
    with site() as of:
        context = reader(browser, of)
        page = open_page(context, of, RUN)
        expect(page.locator(".live-state.on")).to_be_visible()
        page.locator("summary", has_text="Cancel").click()
        of.world.change(of.world.runs["run/web-shop/30"], "failed", "a test failed")
        of.told.say("runs", "run/web-shop/30")
        page.locator("input[name=reason]").press_sequentially("still typing")
        expect(page.locator(".summary .badge")).to_have_text("running")
        page.keyboard.press("Escape")
        expect(page.locator(".summary .badge")).to_have_text("failed")
        context.close()
        assert of.complaints == []


def test_what_changes_before_the_stream_opens_is_not_missed(browser: Browser):
    with site() as of:
        context = reader(browser, of)

        def late(route: Route) -> None:
            of.world.change(of.world.runs["run/web-shop/30"], "failed", "a test failed")
            of.told.say("runs", "run/web-shop/30")
            route.continue_()

        context.route("**/events/stream*", late)
        page = open_page(context, of, RUN)
        expect(page.locator(".summary .badge")).to_have_text("failed")
        context.close()
        assert of.complaints == []


def test_a_list_of_more_rows_than_an_answer_has_is_not_renewed_under_the_reader_but_says_so(browser: Browser):
    with site(seeded(runs=60)) as of:
        context = reader(browser, of)
        page = open_page(context, of, "/runs")
        expect(page.locator(".live-state.on")).to_be_visible()
        for rows in (100, 150, 200, 240):
            page.get_by_role("link", name="More").click()
            expect(page.locator("#runs tbody tr:not(.more)")).to_have_count(rows)
        of.told.say("runs", "run/web-shop/30")
        expect(page.get_by_role("link", name="Something changed")).to_be_visible()
        expect(page.locator("#runs tbody tr:not(.more)")).to_have_count(240)
        context.close()
        assert of.complaints == []


def test_a_hidden_tab_gives_its_connection_back_and_is_new_when_it_is_seen(browser: Browser):
    with site() as of:
        context = reader(browser, of)
        page = open_page(context, of, RUN)
        hide = "hidden => { Object.defineProperty(document, 'hidden', { value: hidden, configurable: true }); document.dispatchEvent(new Event('visibilitychange')) }"
        expect(page.locator(".live-state.on")).to_be_visible()
        page.evaluate(hide, True)
        expect(page.locator(".live-state.on")).to_have_count(0)
        of.world.change(of.world.runs["run/web-shop/30"], "failed", "a test failed")
        of.told.say("runs", "run/web-shop/30")
        page.evaluate(hide, False)
        expect(page.locator(".summary .badge")).to_have_text("failed")
        expect(page.locator(".live-state.on")).to_be_visible()
        context.close()
        assert of.complaints == []


def test_a_release_is_paused_from_its_page_and_its_plots_are_drawn(browser: Browser):
    with site() as of:
        context = reader(browser, of)
        page = open_page(context, of, RELEASE)
        expect(page.locator(".plot canvas")).to_have_count(2)
        page.locator("summary", has_text="Pause").click()
        page.get_by_label("Reason").first.fill("look at it")
        page.get_by_role("button", name="Pause").click()
        expect(page.locator(".notice-good")).to_be_visible()
        context.close()
        assert of.complaints == []


LOG = "/runs/web-shop/29/log/unit"


def test_a_long_log_is_a_window_that_goes_anywhere(browser: Browser, shared: Site):
    context = reader(browser, shared)
    page = open_page(context, shared, LOG)
    expect(page.locator(".line").last).to_contain_text(f"line {LINES}")
    page.locator("[data-log-jump] input").fill("123456")
    page.keyboard.press("Enter")
    expect(page.locator(".line.here .tx")).to_have_text("line 123456")
    assert page.evaluate("document.querySelectorAll('*').length") <= 1_500
    inside = "(e => { const a = e.getBoundingClientRect(), b = e.closest('.log').getBoundingClientRect(); return a.top >= b.top && a.bottom <= b.bottom })(document.querySelector('.line.here'))"
    assert page.evaluate(inside)
    expect(page).to_have_url(f"{shared.url}{LOG}#L123456")
    page.reload()
    expect(page.locator(".line.here .tx")).to_have_text("line 123456")
    assert page.evaluate(inside)
    context.close()


def test_a_log_is_searched_and_matches_are_walked_by_keyboard(browser: Browser, shared: Site):
    context = reader(browser, shared)
    page = open_page(context, shared, LOG)
    page.keyboard.press("/")
    page.keyboard.type("needle")
    page.keyboard.press("Enter")
    expect(page.locator("[data-log-matches]")).to_have_text("1 of 4")
    expect(page.locator(".line.here mark")).to_have_text("needle")
    page.locator(".log").focus()
    page.keyboard.press("n")
    expect(page.locator(".line.here .ln")).to_have_text("100000")
    context.close()


def test_a_log_is_followed_without_a_gap_though_the_connection_is_cut(browser: Browser):
    with site() as of:
        key = ("run/web-shop/30", "release-approval", 1)
        of.world.logs[key] = [LogLine(number, NOW, "out", f"line {number}") for number in range(1, 701)]
        context = reader(browser, of)
        page = open_page(context, of, f"{RUN}/log/release-approval")
        expect(page.locator(".line").last).to_contain_text("line 700")
        context.set_offline(True)
        of.world.logs[key] += [LogLine(number, NOW, "out", f"line {number}") for number in range(701, 1_701)]
        expect(page.locator("[data-log-error]")).to_be_visible()
        context.set_offline(False)
        expect(page.locator(".line .tx").last).to_have_text("line 1700")
        texts = page.evaluate(
            "[...document.querySelectorAll('.line')].map(e => [e.querySelector('.ln').textContent, e.querySelector('.tx')?.textContent])"
        )
        assert texts == [[str(number), f"line {number}"] for number in range(1_701 - len(texts), 1_701)]
        context.close()


def test_what_a_log_says_has_no_power_over_the_page(browser: Browser, shared: Site):
    context = reader(browser, shared)
    page = open_page(context, shared, "/runs/web-shop/30/log/build")
    expect(page.locator(".log-lines")).to_contain_text("<script>")
    expect(page.locator(".log-lines")).to_contain_text("\\u202e")
    text = page.locator(".log-lines").inner_text()
    assert ("\\u202e" in text, "\u202e" in text) == (True, False)
    assert page.locator(".log-lines script, .log-lines img").count() == 0
    context.close()


def test_a_definition_is_marked_in_its_line_as_it_is_typed(browser: Browser, shared: Site):
    context = reader(browser, shared)
    page = open_page(context, shared, "/definitions")
    expect(page.locator(".g-box")).to_have_count(4)
    page.locator("textarea").fill("apiVersion: sluiceway/v1\nkind: Pipeline\nname: x\njobs: 1\n")
    expect(page.locator(".gutter .mark-error")).to_have_text("4")
    page.get_by_role("button", name="line 4").click()
    assert page.evaluate("document.querySelector('textarea').selectionStart") == 48
    context.close()
