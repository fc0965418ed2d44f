"""A terminal in a real browser: opened, typed in, left by keyboard, ended, played again; and what it must not do."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from domain.access.actions import Action
from tests.workers.console.browser import reader, site

pytestmark = pytest.mark.system
LINES = "[data-terminal-screen] .xterm-rows"


def accessible(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def opened(page: Page) -> Page:
    page.goto("/exec/new?cluster=edge&pod=web")
    page.get_by_label("Reason").fill("why is it slow")
    page.get_by_role("button", name="Open the terminal").click()
    expect(page.locator(LINES)).to_contain_text("$")
    return page


def test_a_terminal_opens_is_typed_in_left_by_keyboard_ended_and_played_again(browser: Browser) -> None:
    with site() as of:
        page = opened(of.watch(reader(browser, of).new_page()))
        page.keyboard.type("hello")
        expect(page.locator(LINES)).to_contain_text("hello")
        accessible(page)
        page.keyboard.press("Shift+Escape")
        end = page.get_by_role("button", name="End the session")
        expect(end).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("[data-terminal-state]")).to_contain_text("ended")
        page.get_by_role("link", name="Recording").click()
        expect(page.locator(LINES)).to_contain_text("hello")
        accessible(page)
        page.get_by_role("button", name="Play").click()
        expect(page.get_by_role("button", name="Play")).to_be_visible()
        assert of.complaints == []


def test_output_sets_no_title_fills_no_clipboard_and_a_recording_neither(browser: Browser) -> None:
    with site() as of:
        page = of.watch(reader(browser, of).new_page())
        page.goto("/exec/s1")
        expect(page.locator(LINES)).to_contain_text("README")
        expect(page.locator(LINES)).to_contain_text("exit")
        assert "title" not in page.title()
        assert of.complaints == []


def test_an_administrator_ends_a_session_and_the_terminal_says_why(browser: Browser) -> None:
    with site() as of:
        page = opened(of.watch(reader(browser, of).new_page()))
        (live,) = of.world.lives
        other = of.watch(reader(browser, of).new_page())
        other.goto(f"/exec/{live}")
        other.locator("summary", has_text="End this session").click()
        other.get_by_label("Reason").fill("maintenance")
        other.locator("form[action$=end] button").click()
        expect(page.locator(LINES)).to_contain_text("maintenance")
        assert of.complaints == []


def test_who_may_not_sees_why_and_gets_no_form(browser: Browser) -> None:
    with site(refused=frozenset({Action.CLUSTERS_EXEC})) as of:
        page = reader(browser, of).new_page()
        page.goto("/exec/new")
        expect(page.locator("main")).to_contain_text("default/deny")
        assert page.get_by_role("button", name="Open the terminal").count() == 0


@pytest.mark.parametrize(("dark", "width", "language"), [(True, 1360, "en-US"), (False, 390, "ko-KR")])
def test_it_works_dark_on_a_phone_and_in_korean(browser: Browser, dark: bool, width: int, language: str) -> None:
    with site() as of:
        page = of.watch(reader(browser, of, language=language, dark=dark, width=width, height=780).new_page())
        page.goto("/exec/new?cluster=edge&pod=web&reason=slow")
        page.locator("form[data-exec] button").click()
        expect(page.locator(LINES)).to_contain_text("$")
        page.locator("[data-terminal-reader]").check()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        accessible(page)
        assert of.complaints == []


def test_a_page_of_another_origin_opens_no_socket(browser: Browser) -> None:
    """ASVS 4.4.2: the handshake checks its origin."""
    with site() as of, site() as evil:
        page = reader(browser, evil).new_page()
        page.goto(f"{evil.url}/exec")
        address = of.url.replace("http", "ws") + "/api/v1/exec/stream"
        script = """address => new Promise(done => {
            const socket = new WebSocket(address);
            socket.onopen = () => done("open");
            socket.onerror = socket.onclose = () => done("refused");
        })"""
        assert page.evaluate(script, address) == "refused"
        page.goto(f"{of.url}/exec")
        assert page.evaluate(script, address) == "open"
