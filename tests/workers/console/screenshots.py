"""Pictures of the console for the documentation, of what `make demo` left, and of clusters, `make demo-cluster`.

    SLUICEWAY_HOME=… sluiceway demo
    python -m tests.workers.console.screenshots LINK     # the one-time link that it printed
    SLUICEWAY_HOME=… sluiceway demo --clusters
    python -m tests.workers.console.screenshots LINK clusters

They are written to docs/images/console-*.png. Look at each before it is committed, with a palette of 128 colours: a
third of the size (Pillow: `Image.open(file).convert("RGB").quantize(128, dither=0).save(file, optimize=True)`). That of
a terminal needs a pod: it is taken by hand.
"""

from __future__ import annotations

import json
import sys
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

from tests.support.walking import AUTHENTICATOR, Walker
from tests.workers.console.browser import chromium

IMAGES = Path(__file__).parents[3] / "docs" / "images"
SCREEN, PHONE = ViewportSize(width=1280, height=800), ViewportSize(width=360, height=720)
PAGES = {"overview": "/", "definitions": "/definitions", "access": "/access", "audit": "/audit", "people": "/people"}
"""Name of the picture to its page; those of one run and one release are found by links."""
FOLLOWED = {
    "run": ("/runs", "#runs a.row-link[href$='/8']"),
    "release": ("/releases", "#releases a.row-link[href$='/5']"),
    "environment": ("/environments", "#environments a.row-link >> nth=0"),
    "log": ("/runs", "#runs a.row-link[href$='/8']|a[href*='/log/'] >> nth=0"),
    "approval": ("/inbox?all=1", "main a[href*='/approvals/'] >> nth=0"),
}
"""Name to the page where it begins, and what is clicked."""
CLUSTER_PAGES = {
    "fleet": "/fleet",
    "clusters": "/clusters",
    "namespaces": "/namespaces",
    "services": "/services",
    "objects": "/objects?kind=Pod",
    "pods": "/pods",
    "pod-form": "/pods/new",
    "pod-manifest": "/pods/new?mode=expert",
    "events": "/events",
    "search": "/search?q=web",
    "topology-fleet": "/topology",
}
CLUSTERS_FOLLOWED = {
    "cluster": ("/clusters", "#clusters a.row-link >> nth=0"),
    "nodes": ("/clusters", "#clusters a.row-link >> nth=0|.tabs a >> nth=1"),
    "namespace": ("/services", "#services a.soft.name >> nth=0"),
    "service": ("/services", "#services a.row-link >> nth=0"),
    "object": ("/objects?kind=Pod&health=degraded", "#objects a.row-link >> nth=0"),
    "topology": ("/topology", "a.row-link[href^='/topology/'] >> nth=0|a.row-link[href^='/topology/'] >> nth=0"),
    "networks": ("/networks", "a.row-link[href^='/networks/'] >> nth=0"),
}
"""The same, of a home with clusters."""


def main(link: str, clusters: bool = False) -> None:
    """Logs in by the link and takes every picture: of a home of releases, or of one of clusters."""
    with chromium() as browser:
        origin = link.partition("/login")[0]
        context = browser.new_context(base_url=origin, viewport=SCREEN, reduced_motion="reduce")
        page = _logged_in(context, link)
        for name, path in (CLUSTER_PAGES if clusters else PAGES).items():
            _take(page, name, path)
        for name, (path, clicks) in (CLUSTERS_FOLLOWED if clusters else FOLLOWED).items():
            _take(page, name, path, clicks.split("|"))
        if not clusters:
            _device(page, origin)
            _others(browser, context, origin)


def _logged_in(context: BrowserContext, link: str) -> Page:
    """With a passkey, and by a second factor."""
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    page.goto(link)
    page.get_by_role("button", name="Log in").first.click()
    page.wait_for_url("**/me*")
    Walker(page).makes_a_passkey()
    page.goto("/login/step-up?next=/people")
    page.get_by_role("button", name="Confirm with a passkey").click()
    page.wait_for_url(f"{link.partition('/login')[0]}/people")
    return page


def _device(page: Page, origin: str) -> None:
    """A command line that asks to be let in."""
    place = urlsplit(origin)
    asking = urllib.request.Request(
        f"http://127.0.0.1:{place.port}/api/v1/login/device",
        json.dumps({"host": "laptop"}).encode(),
        {"Host": place.netloc, "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(asking, timeout=10) as answer:  # of this machine
        code = json.load(answer)["user_code"]
    page.goto("/login/device")
    page.locator("#field-code").fill(code)
    page.locator("button[value=look]").click()
    page.locator("button[value=allow]").wait_for()
    page.screenshot(path=IMAGES / "console-device.png")


def _others(browser: Browser, context: BrowserContext, origin: str) -> None:
    """The release in the dark, in Korean and on a phone."""
    path, clicks = FOLLOWED["release"]
    for name, options in {
        "dark": {"color_scheme": "dark", "viewport": SCREEN},
        "korean": {"locale": "ko-KR", "viewport": SCREEN},
        "phone": {"viewport": PHONE},
    }.items():
        other = browser.new_context(
            storage_state=context.storage_state(), base_url=origin, reduced_motion="reduce", **options
        )  # type: ignore[arg-type]
        _take(other.new_page(), name, path, clicks.split("|"))


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
    main(sys.argv[1], clusters=sys.argv[2:] == ["clusters"])
