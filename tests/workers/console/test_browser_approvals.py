"""Approvals in a real browser, with a virtual authenticator: what is signed counts, and nothing else does."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import load_der_public_key
from playwright.sync_api import Browser, Page, expect

from activities.access.identities import verified
from activities.access.public_keys import kept_form
from domain.access.keys import KeyKind, PersonKey
from domain.approvals.request import Decision
from domain.approvals.untrusted import as_decision
from domain.authority.registrations import RegisteredPerson
from tests.workers.console.browser import Site, reader
from tests.workers.console.walk import APPROVAL

pytestmark = [pytest.mark.browser, pytest.mark.system, pytest.mark.timeout(300)]
ID = "approval/web-shop/30/release-approval"
MAKE = """async () => {
  const made = await navigator.credentials.create({ publicKey: {
    challenge: new Uint8Array(32), rp: { id: location.hostname, name: "Sluiceway" },
    user: { id: new Uint8Array([1]), name: "ann", displayName: "Ann" },
    pubKeyCredParams: [{ type: "public-key", alg: ALG }],
    authenticatorSelection: { residentKey: "required", userVerification: "required" } } });
  return btoa(String.fromCharCode(...new Uint8Array(made.response.getPublicKey())));
}"""


class Signing:
    """A page with an authenticator, and every decision that it sends."""

    def __init__(self, browser: Browser, here: Site, algorithm: int = -7, **options: Any) -> None:
        self.page: Page = here.watch(reader(browser, here, **options).new_page())
        session = self.page.context.new_cdp_session(self.page)
        session.send("WebAuthn.enable")
        made = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
        session.send(
            "WebAuthn.addVirtualAuthenticator",
            {"options": {**made, "isUserVerified": True, "automaticPresenceSimulation": True}},
        )
        self.sent: list[Decision] = []
        self.page.on("request", self._seen)
        self.page.goto(APPROVAL)
        key = base64.b64decode(self.page.evaluate(MAKE.replace("ALG", str(algorithm))))
        self.person = RegisteredPerson("ann", keys=(_kept(key, here.url),))

    def _seen(self, request: Any) -> None:
        if request.method == "POST" and request.url.endswith("/decisions"):
            self.sent.append(as_decision(json.loads(request.post_data)))


def _kept(der: bytes, origin: str) -> PersonKey:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    pem = load_der_public_key(der).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return PersonKey(kind=KeyKind.PASSKEY, public=kept_form(pem), rp="sluiceway.localhost", origin=origin)


@pytest.mark.parametrize("algorithm", [-7, -257], ids=["ES256", "RS256"])
def test_a_passkey_approves_what_the_page_shows_and_nothing_else(browser, here, algorithm):
    signing = Signing(browser, here, algorithm)
    signing.page.get_by_label("Comment").fill("좋습니다 - 배포 🚦")
    signing.page.get_by_role("button", name="Approve").click()
    expect(signing.page.locator("form[data-decide]")).to_have_count(0)
    (made,) = signing.sent
    changed = [
        replace(made, approve=False),
        replace(made, comment="no"),
        replace(made, approver="bob"),
        replace(made, expires_at=made.expires_at + 1),
        replace(made, binding=replace(made.binding, nonce="other")),
        replace(made, binding=replace(made.binding, scope="0" * 64)),
    ]

    assert (made.approve, made.comment, here.world.approvals[ID].outcome) == (True, "좋습니다 - 배포 🚦", "granted")
    assert verified(made, signing.person).signature_valid
    assert not any(verified(one, signing.person).signature_valid for one in changed)
    assert here.complaints == []


def test_a_rejection_works_by_keyboard_alone(browser, here):
    signing = Signing(browser, here)
    signing.page.keyboard.press("x")
    expect(signing.page.get_by_text("rejected").first).to_be_visible()
    (made,) = signing.sent

    assert (made.approve, here.world.approvals[ID].outcome) == (False, "refused")
    assert verified(made, signing.person).signature_valid


def test_what_changed_while_somebody_looked_is_not_decided_and_the_page_says_so(browser, here):
    signing = Signing(browser, here)
    here.world.approvals[ID] = replace(here.world.approvals[ID], digest="f" * 64)
    signing.page.keyboard.press("a")
    expect(signing.page.get_by_role("link", name="Look at it again")).to_be_visible()

    assert here.world.approvals[ID].outcome == "pending"
    expect(signing.page.get_by_role("button", name="Approve")).to_be_disabled()


def test_a_page_that_shows_something_else_than_its_fingerprint_signs_nothing(browser, here):
    signing = Signing(browser, here)
    signing.page.locator('[data-signed="scope"]').evaluate("one => one.textContent = '0'.repeat(64)")
    signing.page.get_by_role("button", name="Approve").click()
    expect(signing.page.get_by_text("does not show what its fingerprint says")).to_be_visible()

    assert signing.sent == []


def test_a_key_of_the_browser_signs_only_where_the_environment_lets_it(browser, here):
    signing = Signing(browser, here)
    expect(signing.page.get_by_role("button", name="Approve with this browser's key")).to_have_count(0)
    here.world.approvals[ID] = replace(here.world.approvals[ID], proof="any")
    signing.page.reload()
    public = signing.page.evaluate(
        """async () => {
          const pair = await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);
          await new Promise((done) => {
            const opened = indexedDB.open("sluiceway", 1);
            opened.onupgradeneeded = () => opened.result.createObjectStore("keys");
            opened.onsuccess = () => {
              const change = opened.result.transaction("keys", "readwrite");
              change.objectStore("keys").put(pair, "signing");
              change.oncomplete = done;
            };
          });
          return btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey))));
        }"""
    )
    signing.page.get_by_role("button", name="Approve with this browser's key").click()
    expect(signing.page.locator("form[data-decide]")).to_have_count(0)
    (made,) = signing.sent
    ann = RegisteredPerson("ann", keys=(PersonKey(kind=KeyKind.BROWSER, public=public),))

    assert (verified(made, ann).signature_valid, verified(made, ann).key_kind) == (True, "browser")


def test_who_may_not_reads_the_rule(browser, here):
    row = replace(here.world.approvals[ID].row, mine=False, why_not="the author of the change may not decide")
    here.world.approvals[ID] = replace(here.world.approvals[ID], row=row)
    page = here.watch(reader(browser, here).new_page())
    page.goto(APPROVAL)

    expect(page.get_by_text("the author of the change may not decide")).to_be_visible()
    expect(page.locator("form[data-decide]")).to_have_count(0)
