"""What the owner of a home says about people, without an engine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from activities.access.secret_values import hashed
from domain.access.principal import Scope
from domain.access.session import Session, Way
from domain.access.token import Token
from tests.support.command_line import call
from tests.support.key_registry import MemoryRegistry
from workers.client.founding import Founding
from workers.client.logins.ground import Ground
from workers.client.logins.home import HomeLogins
from workers.client.logins.logins import Logins
from workers.core.records import Records
from workers.core.settings import current

NOW = 1_800_000_000.0


@pytest.fixture
def ann(home: Path) -> Records:
    """A registered person with a login and a token."""
    call("identity", "add", "ann")
    records = Records.at(current().records)
    session = Session(id="s", person="ann", way=Way.LINK, began_at=NOW, seen_at=NOW, authenticated_at=NOW)
    records.sessions.add(hashed("secret"), session)
    token = Token(id="t", label="ci", owner="ann", scope=Scope(), created_at=NOW, expires_at=NOW + 9)
    records.tokens.add(hashed("token"), token)
    return records


def test_a_disabled_person_is_out_and_may_come_back(ann: Records) -> None:
    assert call("people", "disable", "ann")[0] == 0
    assert ann.sessions.of("ann") == ()
    found = ann.people.get("ann")
    assert found is not None
    assert found.disabled
    assert call("people", "enable", "ann")[0] == 0
    again = ann.people.get("ann")
    assert again is not None
    assert not again.disabled
    entries = [json.loads(str(row["body"]))["action"] for row in ann.database.rows("select body from audit_entries")]
    assert entries[-2:] == ["people:write", "people:write"]


def test_whoever_gets_the_name_of_a_removed_person_gets_nothing_of_theirs(ann: Records) -> None:
    call("people", "attribute", "ann", "department=payments")
    call("identity", "remove", "ann")
    call("identity", "add", "ann")
    assert ann.sessions.of("ann") == ()
    assert ann.tokens.get(hashed("token")) is None
    found = ann.people.get("ann")
    assert found is not None
    assert found.attributes == {}


def test_policies_know_what_was_said_of_a_person(ann: Records) -> None:
    assert call("people", "attribute", "ann", "department=payments", "on_call=yes", "tier=2")[0] == 0
    found = ann.people.get("ann")
    assert found is not None
    assert found.attributes == {"department": "payments", "on_call": True, "tier": 2}
    assert "SLW501" in call("people", "attribute", "ann", "department")[2]


@pytest.mark.parametrize("command", [("disable", "bob"), ("attribute", "bob", "a=b")])
def test_nobody_is_told_who_is_not_registered(home: Path, command: tuple[str, ...]) -> None:
    assert any(code in call("people", *command)[2] for code in ("SLW876", "SLW428"))
    assert "SLW876" in call("recover", "bob")[2]


def test_a_link_needs_a_server_that_it_leads_to(ann: Records) -> None:
    assert "SLW901" in call("people", "invite", "bob")[2]
    assert "SLW901" in call("recover", "ann")[2]


@pytest.mark.parametrize("kept", [False, True])
def test_tokens_end_with_the_keys_that_were_lost(ann: Records, kept: bool) -> None:
    logins = Logins(Ground(records=ann, registry=MemoryRegistry(), origin="http://sluiceway.localhost:8080"))
    home = HomeLogins(ann, logins, Founding(ann, logins.links, lambda said: None))
    home.recover("ann", keep_keys=kept)
    assert (ann.tokens.get(hashed("token")) is not None) == kept


def test_a_trust_that_says_too_little_is_refused(ann: Records) -> None:
    wide = ("--subject", "repo:*", "--owner", "ann", "--action", "runs:start", "--resource", "pipeline:shop")
    issuer = ("--issuer", "https://ci.example", "--audience", "us")
    assert "SLW432" in call("people", "trust", "add", "shop", *issuer, *wide)[2]
    sound = ("--subject", "repo:acme/shop:ref:refs/heads/main", *wide[2:])
    assert call("people", "trust", "add", "shop", *issuer, *sound)[0] == 0
    assert json.loads(call("people", "trust", "list", "--json")[1])[0]["scope"]["actions"] == ["runs:start"]
    assert call("people", "trust", "remove", "shop")[0] == 0
    assert call("people", "trust", "list")[1] == ""


def test_a_provider_without_https_is_refused(home: Path) -> None:
    said = call("people", "provider", "add", "corp", "--issuer", "http://idp.example", "--client-id", "x")
    assert "SLW429" in said[2]
    assert call("people", "provider", "list")[1] == ""
    assert "SLW431" in call("people", "provider", "check", "corp")[2]
