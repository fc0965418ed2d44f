"""Whoever writes everything in the database and in Temporal registers no key and loosens no environment."""

from __future__ import annotations

import base64
import json
import secrets
import time
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from activities.access import identities
from activities.access.definition_store import DefinitionStore
from activities.access.environments import Environments
from activities.access.identity_store import Identity
from activities.access.key_registry import public_of
from activities.access.private_keys import public_half
from activities.access.remembered import identity_of
from activities.authority.waiting import WaitingFile
from activities.authority.wire import Question
from domain.access.keys import KeyKind, PersonKey
from domain.access.link_code import login_of
from domain.approvals.request import ApprovalSubject, Decision, Keys, Proof
from domain.authority.permit import Claim, Effect
from domain.authority.registrations import ADMINISTRATOR, TOLD, Registration, Topic, key_body
from domain.core.errors import SluicewayError
from tests.support.link_codes import by_code, invite
from tests.support.passkeys import Passkey
from tests.workers.signer.homes import Home, refusal, signed
from workers.core.plain_environment import plain
from workers.core.records import Records
from workers.core.registering import registrar
from workers.core.settings import Settings
from workers.signer.opening import open_authority


def decision(approver: str) -> Decision:
    subject = ApprovalSubject("approval/shop/1/ok", "n", "ok", version=2, environment="production")
    return Decision(approver=approver, approve=True, binding=subject, expires_at=float(int(time.time()) + 60))


def test_a_key_that_the_database_has_and_the_signer_has_not_signs_nothing(home):
    home.person("ada")
    evil = Ed25519PrivateKey.generate()
    home.records.identities.save(Identity("ada", public_half(evil), ("leads",), (ADMINISTRATOR,)))
    home.records.identities.save(Identity("eve", public_half(evil), ("leads",)))
    home.again()
    found = {name: home.hand.decision(identities.sign(evil, decision(name))) for name in ("ada", "eve")}

    assert (found["ada"].signature_valid, found["eve"].known) == (False, False)
    assert ADMINISTRATOR not in found["ada"].roles


def test_an_environment_that_the_database_loosens_stays_as_it_was(home):
    home.registrar.environment("production", plain("production"))
    loose = {**plain("production", open_=True), "trust": "open", "proof": "any"}
    Environments(home.records.definitions).register("production", loose)
    Environments(home.records.definitions).register("new", loose)
    home.again()
    rule = home.hand.rule("production")

    assert (rule.trust, rule.proof, rule.allow_author) == ("signed", Proof.PASSKEY, False)
    assert not home.hand.rule("new").registered


def test_an_address_that_the_database_gives_away_stays_whose_it_was(home):
    home.person("ada")
    home.registrar.give("ada", "ada@work.test")
    DefinitionStore(home.records.database).save("IdentityEmail", "ada@work.test", json.dumps({"identity": "eve"}))
    home.again()

    assert "ada@work.test" in home.hand.decision(decision("ada")).addresses


@pytest.mark.parametrize("topic", sorted(set(Topic) - TOLD))
def test_a_server_registers_nothing_without_a_proof(home, topic):
    assert refusal(home, home.proven(topic, "ada"), None)
    assert refusal(home, home.proven(topic, "ada"), signed(Ed25519PrivateKey.generate(), home.proven(topic, "ada")))


def test_a_server_gets_no_permit_and_tells_no_decision(home):
    claim = Claim(effect=Effect.EXEC, subject="a", what={})
    for ask in (lambda: home.server.permit(claim), lambda: home.server.decision(decision("ada"))):
        with pytest.raises(SluicewayError) as refused:
            ask()
        assert refused.value.code == "SLW019"


def test_a_key_of_a_person_enrols_another_and_no_key_of_somebody_else_does(home):
    ada, bob, passkey = home.person("ada"), home.person("bob"), Passkey()
    said = home.enrolment("ada", passkey.key)
    assert refusal(home, said, signed(bob, said))
    assert refusal(home, replace(said, name="bob"), signed(ada, said))
    home.server.register(said, signed(ada, said))
    home.again()

    assert home.hand.decision(passkey.sign(decision("ada"))).key_kind == KeyKind.PASSKEY
    assert refusal(home, said, signed(ada, said)) == "it was said before"


def test_a_passkey_enrols_a_key_and_a_key_of_a_browser_enrols_none(home):
    ada, passkey, browser = home.person("ada"), Passkey(), Ed25519PrivateKey.generate()
    for key in (passkey.key, PersonKey(kind=KeyKind.BROWSER, public=public_half(browser))):
        said = home.enrolment("ada", key)
        home.server.register(said, signed(ada, said))
    more = home.enrolment("ada", Passkey().key)
    assert "browser" in refusal(home, more, signed(browser, more, "browser"))
    home.server.register(more, passkey.prove(more.text()))

    person = home.server.person("ada")
    assert person is not None
    assert len(person.keys) == 4


def test_an_administrators_key_registers_others_and_a_persons_own_does_not(home):
    root, ada = home.person("root", ADMINISTRATOR), home.person("ada")
    raised = home.proven(Topic.PERSON, "ada", {"groups": ["leads"], "roles": [ADMINISTRATOR]})
    rule = home.proven(Topic.ENVIRONMENT, "production", {"document": json.dumps(plain("production", open_=True))})
    for said in (raised, rule):
        assert refusal(home, said, signed(ada, said))
    home.server.register(rule, signed(root, rule))

    assert home.hand.rule("production").registered


def test_a_code_enrols_one_key_once_and_in_its_time(home):
    code, passkey = invite(home.hand, "ann", ("leads",)), Passkey()
    said, late = home.enrolment("ann", passkey.key), home.enrolment("ann", Passkey().key)
    assert refusal(home, home.enrolment("ann", passkey.key), by_code(said, secrets.token_urlsafe(32)))
    home.server.register(said, by_code(said, code))
    assert refusal(home, late, by_code(late, code))
    old = invite(home.hand, "old", lifetime_s=-1)
    gone = home.enrolment("old", passkey.key)
    assert "over" in refusal(home, gone, by_code(gone, old))

    assert home.hand.decision(passkey.sign(decision("ann"))).groups == ("leads",)


def test_a_server_that_was_taken_over_registers_no_key_while_a_link_is_open(home):
    """It has all that people send to it and all that the records hold: the half that logs in, and the public key."""
    code, evil = invite(home.hand, "ann", roles=(ADMINISTRATOR,)), Passkey()
    half, mine = login_of(code), home.enrolment("ann", evil.key)
    seeds = (half, base64.urlsafe_b64encode(public_of(code).encode()[:32]).decode().rstrip("="))
    assert all(refusal(home, mine, by_code(mine, one)) for one in seeds)
    own = home.enrolment("ann", Passkey().key)
    proof = by_code(own, code)
    assert refusal(home, replace(own, body=mine.body), proof), "what was signed for one key is passed on for another"
    home.server.register(own, proof)
    assert refusal(home, mine, proof)
    assert refusal(home, own, proof) == "nobody who may say this has signed it", "a code counts once"


def test_a_first_key_counts_in_an_environment_once_somebody_else_has_confirmed_it(home):
    home.registrar.environment("production", plain("production"))
    root, code, passkey = home.person("root", ADMINISTRATOR), invite(home.hand, "ann", ("leads",)), Passkey()
    said = home.enrolment("ann", passkey.key)
    home.server.register(said, by_code(said, code))
    assert not home.hand.decision(passkey.sign(decision("ann"))).confirmed
    confirmed = home.proven(Topic.CONFIRMED, "ann", {"fingerprint": passkey.key.fingerprint})
    assert refusal(home, confirmed, passkey.prove(confirmed.text())), "nobody confirms their own"
    home.server.register(confirmed, signed(root, confirmed))
    home.again()

    assert home.hand.rule("production").keys is Keys.CONFIRMED
    assert home.hand.decision(passkey.sign(decision("ann"))).confirmed
    second = home.enrolment("ann", Passkey().key)
    home.server.register(second, passkey.prove(second.text()))
    person = home.server.person("ann")
    assert person is not None
    assert len(person.confirmed) == len(person.keys) == 2, "a confirmed key vouches for the next one"


def test_a_first_key_signs_files_once_somebody_else_has_confirmed_it(home):
    code, key = invite(home.hand, "ann", ("leads",)), Ed25519PrivateKey.generate()
    first = PersonKey(kind=KeyKind.ED25519, public=public_half(key))
    said = home.enrolment("ann", first)
    home.server.register(said, by_code(said, code))
    known = identity_of(home.server.person("ann"))
    assert known is not None
    assert not known.public_key, "no suppression and no baseline of hers counts"
    home.hand.register(Registration(topic=Topic.CONFIRMED, name="ann", body={"fingerprint": first.fingerprint}))
    known = identity_of(home.server.person("ann"))
    assert known is not None
    assert known.public_key == first.public


def test_an_administrator_whom_nobody_confirmed_loosens_nothing_and_confirms_nobody(home):
    code, passkey = invite(home.hand, "eve", roles=(ADMINISTRATOR,)), Passkey()
    said = home.enrolment("eve", passkey.key)
    home.server.register(said, by_code(said, code))
    home.person("ann")
    for told in (
        home.proven(Topic.ENVIRONMENT, "production", {"document": json.dumps(plain("production", open_=True))}),
        home.proven(Topic.PERSON, "ann", {"groups": ["leads"], "roles": [ADMINISTRATOR]}),
        home.enrolment("ann", Passkey().key),
        home.invitation("ann", public_of(secrets.token_urlsafe(32)), roles=(ADMINISTRATOR,)),
    ):
        assert refusal(home, told, passkey.prove(told.text())) == "the key that has signed it is not confirmed yet"


def test_what_is_said_by_hand_while_the_signer_is_away_waits_for_it(home):
    told = registrar(home.settings, home.records)
    told.environment("production", plain("production"))
    assert home.settings.signer_waiting.exists()
    WaitingFile(home.settings.signer_waiting).add(Registration(topic=Topic.REMOVED, name="nobody"))  # refused, and told
    home.again()

    assert home.hand.rule("production").registered
    assert home.settings.signer_waiting.stat().st_size == 0
    home.again()
    assert home.hand.rule("production").registered


def test_what_a_home_had_is_taken_over_once(tmp_path):
    settings = Settings(tmp_path / "home", tmp_path)
    settings.home.mkdir()
    records = Records.at(settings.records)
    key = Ed25519PrivateKey.generate()
    records.identities.save(Identity("ada", public_half(key), ("leads",)))
    Environments(records.definitions).register("production", plain("production"))
    home = Home(settings, records, open_authority(settings, records))
    records.identities.remove("ada")
    home.again()

    assert home.hand.decision(identities.sign(key, decision("ada"))).signature_valid
    assert home.hand.rule("production").registered
    records.close()


@pytest.mark.parametrize(
    "forged",
    [
        {"rp": "evil.test"},
        {"origin": "http://sluiceway.localhost:9000"},
        {"flags": 0x01},
        {"flags": 0x04},
        {"kind": "webauthn.create"},
        {"cross_origin": True},
    ],
)
def test_an_assertion_for_something_else_is_none(home, forged):
    good = Passkey()
    code = invite(home.hand, "ann")
    said = home.enrolment("ann", good.key)
    home.server.register(said, by_code(said, code))

    assert home.hand.decision(good.sign(decision("ann"))).signature_valid
    assert not home.hand.decision(replace(good, **forged).sign(decision("ann"))).signature_valid


@pytest.mark.parametrize("field", ["approve", "comment", "approver", "expires_at", "nonce", "scope"])
def test_a_decision_of_which_anything_changed_after_the_passkey_signed_it_is_none(home, field):
    passkey = Passkey()
    for name in ("ann", "bob"):
        code, said = invite(home.hand, name), home.enrolment(name, passkey.key)
        home.server.register(said, by_code(said, code))
    made = passkey.sign(decision("ann"))
    changes = {"approve": False, "comment": "x", "approver": "bob", "expires_at": made.expires_at + 1}
    subject = replace(made.binding, **({field: "other"} if field in ("nonce", "scope") else {}))  # type: ignore[arg-type]
    changed = replace(made, binding=subject, **({field: changes[field]} if field in changes else {}))  # type: ignore[arg-type]

    assert home.hand.decision(made).signature_valid
    assert not home.hand.decision(changed).signature_valid


def test_a_plain_signature_by_the_key_of_a_passkey_is_none(home):
    """A page could have it signed as something else."""
    passkey = Passkey()
    code, said = invite(home.hand, "ann"), home.enrolment("ann", passkey.key)
    home.server.register(said, by_code(said, code))
    made = passkey.sign(decision("ann"))

    for wrong in (
        {"authenticator_data": ""},
        {"client_data": "e30="},
        {"client_data": "x" * 9_000},
        {"client_data": "W" * 4},
    ):
        assert not home.hand.decision(replace(made, **wrong)).signature_valid  # type: ignore[arg-type]
    assert not home.hand.decision(replace(made, proof_kind="", authenticator_data="", client_data="")).signature_valid


def test_the_body_of_a_key_is_what_is_registered(home):
    key = Passkey().key
    assert home.enrolment("ann", key).body == key_body(key)


def test_what_is_nested_without_end_is_no_question() -> None:
    for line in (b"[" * 100_000, b'{"body":' * 50_000):
        with pytest.raises(ValueError, match="deep"):
            Question.read(line + b"\n")
