"""Pictures of the console for the documentation, of what `make demo` left.

    SLUICEWAY_HOME=… sluiceway demo
    python -m tests.workers.console.screenshots LINK     # the one-time link that it printed

They are written to docs/images/console-*.png. Look at each before it is committed.
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize

from tests.workers.console.browser import chromium

IMAGES = Path(__file__).parents[3] / "docs" / "images"
SCREEN, PHONE = ViewportSize(width=1280, height=800), ViewportSize(width=360, height=720)
PAGES = {"overview": "/", "definitions": "/definitions", "access": "/access", "audit": "/audit"}
"""Name of the picture to its page; those of one run and one release are found by links."""
FOLLOWED = {
    "run": ("/runs", "#runs a.row-link >> nth=2"),
    "release": ("/releases", "#releases a.row-link >> nth=1"),
    "environment": ("/environments", "#environments a.row-link >> nth=0"),
    "log": ("/runs", "#runs a.row-link >> nth=2|a[href*='/log/'] >> nth=-1"),
    "approval": ("/inbox?all=1", "main a[href*='/approvals/'] >> nth=0"),
}
"""Name to the page where it begins, and what is clicked."""


def main(link: str) -> None:
    """Logs in by the link and takes every picture."""
    with chromium() as browser:
        state = logged_in(browser, link)
        origin = link.partition("/login")[0]
        context = browser.new_context(storage_state=state, base_url=origin, viewport=SCREEN, reduced_motion="reduce")
        page = context.new_page()
        for name, path in PAGES.items():
            _take(page, name, path)
        for name, (path, clicks) in FOLLOWED.items():
            _take(page, name, path, clicks.split("|"))
        for name, options in {
            "dark": {"color_scheme": "dark", "viewport": SCREEN},
            "korean": {"locale": "ko-KR", "viewport": SCREEN},
            "phone": {"viewport": PHONE},
        }.items():
            other = browser.new_context(storage_state=state, base_url=origin, reduced_motion="reduce", **options)  # type: ignore[arg-type]
            _take(other.new_page(), name, *FOLLOWED["release"][:1], FOLLOWED["release"][1].split("|"))


def logged_in(browser: Browser, link: str) -> Path:
    """Where the cookies of the login are."""
    state = Path("/tmp") / "console-screenshots.json"
    context = browser.new_context()
    page = context.new_page()
    page.goto(link)
    page.get_by_role("button", name="Log in").first.click()
    page.wait_for_url("**/me*")
    context.storage_state(path=state)
    return state


def _take(page: Page, name: str, path: str, clicks: list[str] | None = None) -> None:
    page.goto(path)
    for one in clicks or []:
        if not page.locator(one).count():
            print(f"{name}: nothing to click at {page.url}: {one}")
            return
        page.locator(one).click()
        page.wait_for_load_state("networkidle", timeout=3_000) if "log" in name else page.wait_for_load_state()
    page.wait_for_timeout(600)
    page.screenshot(path=IMAGES / f"console-{name}.png")


if __name__ == "__main__":
    main(sys.argv[1])
