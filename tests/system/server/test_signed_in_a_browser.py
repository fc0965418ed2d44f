"""The whole way in a real browser on a real engine: a link, a passkey, the inbox, a signature, and the run goes on.

tests/workers/console/test_browser_approvals.py has its steps one by one, against clients in memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.support.lab import Repo
from tests.support.scene import connected, started
from tests.support.served import code_for, serving
from workers.client import runs
from workers.client.logins.links import address_of
from workers.core.settings import Settings

pytestmark = pytest.mark.browser
TEXT = """apiVersion: sluiceway/v1
kind: Pipeline
name: walk
jobs:
  ok:
    approval: {users: [visitor]}
  after:
    needs: ok
    run: echo after
"""
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(scope="module")
def chosen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with serving(tmp_path_factory.mktemp("walked") / "home") as settings:
        yield settings


def test_a_visitor_logs_in_makes_a_passkey_and_signs_what_waits_in_the_inbox(chosen: Settings, tmp_path: Path):
    run = started(Repo.create(tmp_path / "repo", {"sluiceway.yaml": TEXT}))
    origin = chosen.engine()["server"]
    link = address_of(origin, code_for(chosen, "visitor"))
    errors: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_context().new_page()
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        _with_authenticator(page)
        page.goto(link)
        page.get_by_role("button", name="Log in").click()
        page.get_by_role("button", name="Make a passkey").click()
        expect(page.get_by_text("SHA256:").first).to_be_visible()
        page.goto(f"{origin}/inbox")
        page.get_by_role("link", name="walk/1").or_(page.get_by_role("link", name="ok")).first.click()
        page.get_by_role("button", name="Approve").first.click()
        expect(page.locator("form[data-decide]")).to_have_count(0)
        page.goto(f"{origin}/runs/walk/1")
        expect(page.get_by_role("main")).to_contain_text("passed", timeout=30_000)
        browser.close()

    async def status() -> str:
        return (await runs.result(await connected(chosen), run)).status

    assert asyncio.run(status()) == "passed"
    assert errors == []


def _with_authenticator(page: Page) -> None:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
