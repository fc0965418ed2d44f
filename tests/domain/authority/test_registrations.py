"""Who may tell the signer about whom: whatever is said, in whatever order."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from domain.access.keys import KeyKind, PersonKey
from domain.authority.registrations import (
    ADMINISTRATOR,
    INVITED_S,
    LIFE_S,
    MOST_KEYS,
    By,
    Register,
    Registration,
    Topic,
    key_body,
    objection,
    registration_of,
)
from domain.core.documents import Manifest

NOW = 1_000_000
NAMES = ("ann", "bob", "root")
KEYS = tuple(PersonKey(kind=kind, public=f"{index}{kind}" * 4) for index in range(4) for kind in KeyKind)
names = st.sampled_from(NAMES)
texts = st.lists(st.sampled_from(("leads", "ops")), max_size=2, unique=True)


@st.composite
def statements(draw: st.DrawFn) -> Registration:
    """By hand, of every topic."""
    topic = draw(st.sampled_from(Topic))
    key = draw(st.sampled_from(KEYS))
    roles = draw(st.sampled_from([[], [ADMINISTRATOR]]))
    bodies: dict[Topic, Manifest] = {
        Topic.KEY: key_body(key),
        Topic.LOST: {"fingerprint": key.fingerprint},
        Topic.CONFIRMED: {"fingerprint": key.fingerprint},
        Topic.ADDRESS: {"person": draw(names)},
        Topic.ENVIRONMENT: {"document": "{}"},
        Topic.INVITATION: {"public": key.public, "until": NOW + 60, "groups": draw(texts), "roles": roles},
        Topic.PERSON: {"groups": draw(texts), "roles": roles},
        Topic.REMOVED: {},
        Topic.POLICY: {"document": draw(st.sampled_from(["", "{}"]))},
        Topic.GRANT: {"kind": "role", "principal": "person:ann", "role": "viewer", "resource": "engine:engine"},
        Topic.REVOKED: {},
        Topic.LABEL: {"level": 1, "compartments": draw(texts), "integrity": 1},
        Topic.PROJECT: {"project": "shop"},
        Topic.STEP: {
            "version": 1,
            "digest": draw(st.sampled_from(("d", "e"))),
            "state": draw(st.sampled_from(("shadow", "active", "retired", "draft"))),
            "person": f"person:{draw(names)}",
        },
    }
    body = bodies[topic]
    production = ("production", "staging")
    named = {Topic.ENVIRONMENT: production, Topic.POLICY: production, Topic.GRANT: ("1",), Topic.REVOKED: ("1", "2")}
    name = draw(st.sampled_from(named.get(topic, NAMES)))
    return Registration(topic=topic, name=name, body=body)


def told(many: list[Registration]) -> Register:
    register = Register()
    for said in many:
        if not objection(register, said, By(), NOW):
            register.apply(said, By())
    return register


def proven(said: Registration) -> Registration:
    return replace(said, expires_at=NOW + 60, nonce="n")


@given(st.lists(statements(), max_size=12), statements())
def test_a_statement_is_proven_by_its_own_person_an_administrator_or_an_invitation_and_by_nobody_else(many, said):
    register = told(many)
    for by, key in register.provers(proven(said)):
        if by.invited:
            assert (said.topic, register.invitations[said.name].public) == (Topic.KEY, key.public)
            continue
        person = register.people[by.name]
        assert key in person.keys
        if said.topic is Topic.STEP:
            assert said.body["person"] == f"person:{by.name}"
            continue
        assert ADMINISTRATOR in person.roles or (said.topic in (Topic.KEY, Topic.LOST) and by.name == said.name)


@given(st.lists(statements(), max_size=12), statements())
def test_a_key_that_nobody_has_confirmed_speaks_of_its_own_person_and_of_invitations_alone(many, said):
    register, said = told(many), proven(said)
    first = PersonKey(kind=KeyKind.PASSKEY, public="first")
    by = By("root", False, first.fingerprint, first.kind, confirmed=False)
    own = said.name == "root" and said.topic in (Topic.KEY, Topic.LOST)
    if not objection(register, said, by, NOW):
        assert own or (said.topic is Topic.INVITATION and said.name not in register.people)


@given(st.integers(-LIFE_S, 2 * INVITED_S), st.booleans())
def test_an_invitation_that_is_signed_holds_for_a_day_whatever_a_server_says(left, by_hand):
    said = Registration(topic=Topic.INVITATION, name="new", body={"public": "k", "until": NOW + left})
    by = By() if by_hand else By("root", False, "f", KeyKind.PASSKEY, confirmed=True)
    assert (objection(Register(), proven(said), by, NOW) == "it invites for too long") == (
        not by_hand and left > INVITED_S
    )


def test_one_person_under_two_spellings_is_not_two_people():
    register = told([Registration(topic=Topic.KEY, name="ann", body=key_body(KEYS[0]))])
    for person, provers in (("person:ann", 1), ("ann", 0), ("token:ann", 0), ("person:person:ann", 0)):
        said = Registration(topic=Topic.STEP, name="set", body={"state": "active", "person": person})
        assert len(list(register.provers(proven(said)))) == provers


@given(st.lists(statements(), max_size=12), st.sampled_from(NAMES), st.sampled_from(KEYS))
def test_a_first_key_is_confirmed_by_somebody_else_alone_and_vouches_no_further_than_it_counts(many, name, key):
    register = told([*many, Registration(topic=Topic.PERSON, name=name, body={"groups": [], "roles": []})])
    new = PersonKey(kind=KeyKind.PASSKEY, public="new")
    for confirmed in (False, True):
        by = By(name, False, key.fingerprint, key.kind, confirmed)
        register.apply(replace(proven(Registration(topic=Topic.KEY, name=name, body=key_body(new))), nonce=""), by)
        assert (new.fingerprint in register.people[name].confirmed) is confirmed
        said = proven(Registration(topic=Topic.CONFIRMED, name=name, body={"fingerprint": new.fingerprint}))
        assert objection(register, said, replace(by, kind="passkey"), NOW)
        other = By("somebody", False, "f", "passkey", confirmed=True)
        assert not objection(register, said, other, NOW)
        assert objection(register, said, replace(other, confirmed=False), NOW)
        register._without(name, new.fingerprint)
        assert new.fingerprint not in register.people[name].confirmed


@given(st.lists(statements(), max_size=12), statements())
def test_a_key_of_a_browser_proves_nothing_but_a_loss_or_a_step_of_its_own_person(many, said):
    register, said = told(many), proven(said)
    for by, key in register.provers(said):
        if key.kind is KeyKind.BROWSER and not by.invited and not objection(register, said, by, NOW):
            assert (said.topic, said.name) == (Topic.LOST, by.name) or said.topic is Topic.STEP


@given(st.lists(statements(), max_size=12), statements(), st.integers(-LIFE_S, 3 * LIFE_S))
def test_a_proof_holds_once_and_for_minutes(many, said, left):
    register, said = told(many), replace(proven(said), expires_at=NOW + left)
    by = By("ann", False, "f", str(KeyKind.PASSKEY))
    if not objection(register, said, by, NOW):
        assert 0 < left <= LIFE_S
        register.apply(said, by)
        assert objection(register, said, by, NOW) == "it was said before"
        register.forget(NOW + left + 1)
        assert objection(register, said, by, NOW + left + 1)


@given(st.lists(statements(), max_size=20))
def test_nobody_has_more_keys_than_can_be_looked_at_and_each_once(many):
    for person in told(many).people.values():
        assert len(person.keys) <= MOST_KEYS
        assert len({key.fingerprint for key in person.keys}) == len(person.keys)


@given(st.lists(statements(), max_size=12), statements())
def test_without_a_proof_nothing_is_admitted_that_is_not_by_hand(many, said):
    assert objection(told(many), said, None, NOW)


@given(statements())
def test_a_statement_is_read_as_it_was_written_and_its_text_tells_it_from_every_other(said):
    again = registration_of(said.plain())
    assert (again, again.text()) == (said, said.text())
    assert replace(said, name=said.name + "x").text() != said.text()
    assert said.text().startswith(b"sluiceway/registration/v1\0")


def test_names_that_are_none_and_bodies_without_bounds_are_refused():
    for name in ("", "../etc", "a" * 300, "ann\n", "\u202eann"):
        assert objection(Register(), Registration(topic=Topic.PERSON, name=name), By(), NOW)
    long = Registration(topic=Topic.PERSON, name="ann", body={"groups": ["x" * 70_000]})
    fraction = Registration(topic=Topic.PERSON, name="ann", body={"groups": [0.5]})
    assert objection(Register(), long, By(), NOW)
    assert objection(Register(), fraction, By(), NOW)


@given(st.sampled_from(Topic), st.dictionaries(st.sampled_from(("kind", "public", "until", "document")), st.text()))
def test_what_is_admitted_can_be_remembered_again_when_the_signer_starts(topic: Topic, body: Manifest) -> None:
    said = Registration(topic=topic, name="ann", body=body)
    register = Register()
    if not objection(register, said, By(), NOW):
        register.apply(said, By())


def test_a_key_of_no_known_kind_is_none() -> None:
    for body in ({"kind": "bogus", "public": "x"}, {"kind": "ssh", "public": ""}, {}):
        assert objection(Register(), Registration(topic=Topic.KEY, name="ann", body=body), By(), NOW)
