"""From nothing to a decision: an engine comes up, its first person makes a passkey, and signs what waits for them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.support.command_line import said
from tests.support.environments import ADDRESS, DEVELOPER
from tests.support.lab import Repo
from tests.workers.console.browser import chromium
from workers.cli.engine import first_link
from workers.client.deliveries import me
from workers.core.settings import load
from workers.engine import embedded as engine

pytestmark = [pytest.mark.browser, pytest.mark.system, pytest.mark.timeout(300)]
ASKS = """apiVersion: sluiceway/v1
kind: Pipeline
name: first
jobs:
  ok:
    environment: production
    approval: {{users: [{who}], allow: {{author: true, committer: true, starter: true}}, message: "Release it?"}}
  next: {{needs: ok, run: 'true'}}
"""
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def test_the_first_person_makes_a_passkey_and_signs_what_waits_for_them(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLUICEWAY_SERVE", "yes")
    engine.up(load(), path=str(Path(sys.executable).parent))
    link, who = first_link(load()), me()
    said("environment", "add", "production", "--open")
    repo = Repo.create(tmp_path / "repo", {"sluiceway.yaml": ASKS.format(who=who)})
    said("identity", "add", DEVELOPER, "--email", ADDRESS)
    said("run", str(repo.path / "sluiceway.yaml"), "--detach")
    with chromium() as browser:
        page = browser.new_page()
        session = page.context.new_cdp_session(page)
        session.send("WebAuthn.enable")
        session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
        page.goto(link)
        page.keyboard.press("Enter")
        page.wait_for_url("**/me*")
        page.get_by_label("Name of the new key").first.fill("Laptop")
        page.get_by_role("button", name="Make a passkey").click()
        expect(page.get_by_role("cell", name="Laptop", exact=True)).to_be_visible()
        page.goto("/".join(link.split("/")[:3]) + "/inbox")
        page.get_by_role("link", name="ok first/1").click()
        shown = page.locator("[data-fingerprint]").inner_text()
        assert shown in said("decision", "show", "first/1")
        page.keyboard.press("a")
        expect(page.get_by_role("cell", name=who, exact=True)).to_be_visible()
    (decided,) = [one for one in said("signer", "log").splitlines() if " decision " in one]

    assert decided.endswith(f"{who} approves approval/first/1/ok")
