"""A cluster in a real browser: a form that says what overlaps, a plan, a signature, its phases, and its end."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, expect

from activities.access.key_proofs import is_proven
from domain.access.keys import KeyProof
from domain.authority.cluster_orders import Order, OrderKind
from domain.authority.order_proofs import order_text
from tests.workers.console.browser import Site
from tests.workers.console.test_browser_approvals import Signing

pytestmark = [pytest.mark.browser, pytest.mark.system, pytest.mark.timeout(300)]


def step(here: Site, status: str, phase: str, reason: str = "") -> None:
    """What a cluster's workflow would tell."""
    life = here.world.cluster_lives["fresh"]
    here.world.cluster_lives["fresh"] = replace(life, status=status, waits_for=phase, reason=reason)
    here.told.say("fleet", "fresh")


def test_a_cluster_is_made_watched_and_deleted_by_what_its_person_signs(browser: Browser, here: Site) -> None:
    signing = Signing(browser, here)
    page = signing.page
    page.goto("/clusters")
    page.get_by_role("link", name="New cluster").click()
    page.get_by_role("link", name="Use simulated").click()
    page.get_by_label("Name", exact=True).fill("fresh")
    page.get_by_label("Pod range").fill("10.96.0.0/12")
    expect(page.locator("#checks")).to_contain_text("overlaps the pods range 10.96.0.0/12")
    page.get_by_label("Pod range").fill("10.200.0.0/16")
    page.get_by_label("Service range").fill("10.111.0.0/16")
    page.get_by_label("Node range").fill("10.99.7.0/24")
    expect(page.locator("#checks")).to_contain_text("It can be made.")
    expect(page.locator("#checks")).not_to_contain_text("overlaps")
    page.get_by_role("button", name="Show the plan").click()
    expect(page.locator("main")).to_contain_text("fresh-web-0")
    assert "fresh" not in here.world.cluster_lives

    with page.expect_request(lambda one: one.url.endswith("/changes")) as sent:
        page.get_by_role("button", name="Sign and begin").click()
    said = json.loads(sent.value.post_data or "")
    page.wait_for_url("**/clusters/fresh/progress")
    signed, (key,) = said["signed"], signing.person.keys
    what = here.world.cluster_orders[-1][0]
    assert what == "fresh"
    assert not is_proven(
        key, KeyProof(**signed["proof"]), order_text(Order(kind=OrderKind.DELETE, cluster="fresh"), "memory")
    )

    step(here, "creating", "nodes")
    expect(page.get_by_role("row", name="Nodes under way")).to_be_visible()
    step(here, "compensating", "network", "no room for the node")
    expect(page.locator("main")).to_contain_text("taken down again, backwards")
    expect(page.locator("main")).to_contain_text("no room for the node")
    step(here, "ready", "verification")
    expect(page.locator("main")).to_contain_text("It is done.")

    page.goto("/clusters/fresh/plan?verb=delete")
    page.get_by_role("button", name="Sign and begin").click()
    page.wait_for_url("**/clusters/fresh/progress")
    assert here.world.cluster_lives["fresh"].status == "deleting"
    step(here, "deleted", "network")
    expect(page.locator("main")).to_contain_text("nothing of it is left")
    assert here.complaints == []


def test_what_cannot_be_done_has_no_button_and_what_needs_no_signature_needs_no_key(
    browser: Browser, here: Site
) -> None:
    signing = Signing(browser, here)
    page = signing.page
    page.goto("/clusters/eu-1/plan?verb=upgrade&version=1.40")
    expect(page.locator("main")).to_contain_text("It cannot be done")
    expect(page.get_by_role("button", name="Sign and begin")).to_have_count(0)
    page.goto("/clusters/eu-1/plan?verb=heal")
    page.get_by_role("button", name="Begin", exact=True).click()
    page.wait_for_url("**/clusters/eu-1/progress")
    assert here.world.cluster_lives["eu-1"].status == "healing"
