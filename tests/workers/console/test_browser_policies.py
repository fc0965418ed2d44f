"""A step of a set of policies in a real browser: the passkey signs what the page shows, and the signer would admit it."""

from __future__ import annotations

import json

import pytest

from activities.access.key_proofs import is_proven
from domain.access.keys import KeyProof
from domain.authority.registrations import Registration, Topic
from domain.authority.rights import of_step
from tests.workers.console.test_browser_approvals import Signing

pytestmark = [pytest.mark.browser, pytest.mark.system, pytest.mark.timeout(300)]


def test_a_passkey_signs_the_step_that_the_page_shows(browser, here):
    signing = Signing(browser, here)
    signing.page.goto("/access/policies/change-freeze")
    (shown,) = (one for one in here.world.policy_sets if one.name == "change-freeze")
    with signing.page.expect_request(lambda one: one.url.endswith("/steps")) as sent:
        signing.page.get_by_role("button", name="Retire").click()
    said = json.loads(sent.value.post_data or "")
    signed, (key,) = said["signed"], signing.person.keys
    proof = KeyProof(**signed["proof"])

    def proven(state: str, person: str = "person:ann") -> bool:
        topic, name, body = of_step(shown.name, shown.version, shown.digest, state, person)
        about = Registration(
            topic=Topic(topic.value),
            name=name,
            body=body,
            expires_at=signed["expires_at"],
            nonce=signed["nonce"],
            home="memory",
        )
        return is_proven(key, proof, about.text())

    assert (said["to"], said["version"]) == ("retired", shown.version)
    assert proven("retired")
    assert not proven("active")
    assert not proven("retired", "person:bob")
    assert here.complaints == []
