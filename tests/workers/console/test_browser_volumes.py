"""A claim is deleted in a real browser: the passkey signs what the page shows, and the signer would admit it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, expect

from activities.access.key_proofs import is_proven
from domain.access.keys import KeyProof
from domain.authority.cluster_orders import Order, OrderKind
from domain.authority.order_proofs import order_text
from domain.authority.permit import digest_of
from tests.support.memory_client import seeded
from tests.workers.console.browser import Site, site
from tests.workers.console.test_browser_approvals import Signing

pytestmark = [pytest.mark.browser, pytest.mark.system, pytest.mark.timeout(300)]
CLAIM = ("eu-1", "PersistentVolumeClaim", "shop", "data-billing-0")
PATH = "/volumes/eu-1/shop/data-billing-0"


@pytest.fixture
def here() -> Iterator[Site]:
    with site(seeded()) as found:
        yield found
    assert found.complaints == []


def test_a_passkey_signs_the_deletion_that_the_page_shows(browser: Browser, here: Site):
    signing = Signing(browser, here)
    signing.page.goto(f"{PATH}/delete")
    expect(signing.page.get_by_text("Its data is lost.")).to_be_visible()
    shown = json.loads(signing.page.locator("[data-content]").inner_text())
    signing.page.get_by_role("button", name="Delete").click()
    signing.page.wait_for_url("**/volumes?cluster=eu-1*")
    assert CLAIM not in here.world.objects
    ((_, signed),) = here.world.cluster_orders
    assert signed is not None
    (key,) = signing.person.keys
    order = Order(
        kind=OrderKind.VOLUME,
        cluster="eu-1",
        what=digest_of(shown),
        person="person:ann",
        expires_at=signed.expires_at,
        nonce=signed.nonce,
    )
    other = replace(order, what=digest_of({**shown, "key": "another"}))
    proof = KeyProof(**vars(signed.proof))
    assert (is_proven(key, proof, order_text(order, "memory")), is_proven(key, proof, order_text(other, "memory"))) == (
        True,
        False,
    )


def test_a_claim_grows_without_a_script(browser: Browser, here: Site):
    context = browser.new_context(base_url=here.url, java_script_enabled=False)
    page = here.watch(context.new_page())
    page.goto(f"{PATH}/expand")
    page.get_by_label("New size").fill("20")
    page.get_by_role("button", name="Show the plan").click()
    page.get_by_label("Reason").fill("it is full")
    page.get_by_role("button", name="Grow").click()
    expect(page.get_by_text("expand of shop/data-billing-0 is done")).to_be_visible()
    assert here.world.objects[CLAIM].details["capacity_mb"] == 20 * 1024
    context.close()
