"""What a person signs for one installation is nothing for another that knows the same key."""

from __future__ import annotations

import time
from dataclasses import replace

from activities.access import identities
from activities.access.identity_store import Identity
from activities.access.private_keys import public_half
from activities.access.registrar import Registrar
from domain.approvals.request import ApprovalSubject, Decision
from domain.authority.registrations import ADMINISTRATOR, Topic
from tests.workers.signer.homes import Home, refusal, signed
from workers.core.plain_environment import plain
from workers.core.records import Records
from workers.core.settings import Settings
from workers.signer.opening import open_authority


def other_of(home: Home) -> Home:
    settings = Settings(home.settings.home.parent / "other", home.settings.home.parent)
    settings.home.mkdir()
    records = Records.at(settings.records)
    return Home(settings, records, open_authority(settings, records))


def remembered(home: Home, decision: Decision) -> int:
    """How many signed decisions about this request the signer of a home knows."""
    assert home.hand.decision(decision).signature_valid
    return sum(entry.kind == "decision" for entry in home.authority._log.entries())


def test_a_statement_that_was_signed_for_another_installation_is_not_admitted(home: Home) -> None:
    other, key = other_of(home), home.person("ada", ADMINISTRATOR)
    Registrar(other.records.identities, other.records.definitions, other.hand.register).person(
        Identity("ada", public_half(key), ("leads",), (ADMINISTRATOR,))
    )
    raised = other.proven(Topic.PERSON, "eve", {"groups": [], "roles": [ADMINISTRATOR]})
    assert refusal(home, raised, signed(key, raised)) == "it was signed for another installation"
    nameless = replace(raised, home="")
    assert refusal(home, nameless, signed(key, nameless)) == "it was signed for another installation"
    pretended = home.named(raised)
    assert refusal(home, pretended, signed(key, raised)) == "nobody who may say this has signed it"
    other.server.register(raised, signed(key, raised))
    other.records.close()


def test_a_decision_that_was_signed_for_another_installation_is_not_remembered(home: Home) -> None:
    other, key = other_of(home), home.person("ada")
    for one in (home, other):
        one.registrar.environment("production", plain("production"))
        one.registrar.person(Identity("ada", public_half(key), ("leads",)))
    known = (home.hand.rule("production"), other.hand.rule("production"))
    assert replace(known[0], home="") == replace(known[1], home="")

    def said(rule: str) -> Decision:
        subject = ApprovalSubject("approval/shop/1/ok", "n", "ok", version=2, environment="production", rule=rule)
        until = float(int(time.time()) + 60)
        return identities.sign(key, Decision(approver="ada", approve=True, binding=subject, expires_at=until))

    assert remembered(home, said(known[1].digest)) == 0
    assert remembered(home, said(replace(known[0], home="").digest)) == 0
    assert remembered(home, said(known[0].digest)) == 1
    other.records.close()
