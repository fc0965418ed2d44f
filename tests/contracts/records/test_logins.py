"""Sessions, links, tokens and keys: kept by their hash, taken once, bounded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from activities.access import login_store
from activities.access.credential_store import CredentialStore
from activities.access.identity_store import Identity, IdentityStore
from activities.access.login_store import LinkKind, LoginStore
from activities.access.person_store import PersonStore
from activities.access.secret_values import hashed, new
from activities.access.session_store import MOST_OF_A_PERSON, SessionStore
from activities.access.token_store import TokenStore
from activities.storage.changes import ChangeReader
from activities.storage.database import Database
from domain.access.person import MOST_KEYS, Credential, CredentialKind
from domain.access.principal import Scope
from domain.access.session import MOST_S, Session, Way
from domain.access.token import MOST_OF_A_PERSON as MOST_TOKENS
from domain.access.token import Token
from domain.core.errors import RefusedError
from workers.core.records import Records

SCOPE = Scope(actions=frozenset({"runs:read"}), resources=frozenset({"engine:engine"}))
NOW = 1_800_000_000.0


@pytest.fixture
def database(records: Records) -> Database:
    return records.database


def session(id_: str = "one", **changes: object) -> Session:
    made = Session(id=id_, person="ann", way=Way.LINK, began_at=NOW, seen_at=NOW, authenticated_at=NOW)
    return replace(made, **changes)  # type: ignore[arg-type]


def credential(id_: str, handle: str = "", uses: int = 0) -> Credential:
    return Credential(id=id_, person="ann", kind=CredentialKind.PASSKEY, value="key", handle=handle, uses=uses)


def test_a_session_is_found_by_its_secret_and_only_the_hash_is_kept(database: Database) -> None:
    store, secret = SessionStore(database), new()
    store.add(hashed(secret), session())
    assert store.get(hashed(secret)) == session()
    assert store.get(hashed(new())) is None
    assert secret not in str(database.rows("select * from sessions"))


def test_asvs_7_2_4_a_new_session_ends_the_one_that_it_replaces(database: Database) -> None:
    store = SessionStore(database)
    store.add("old", session("old"))
    store.add("new", session("new"), replaces="old")
    assert store.get("old") is None
    assert store.get("new") is not None


def test_a_person_has_a_bounded_number_of_sessions_and_the_last_seen_stay(database: Database) -> None:
    store = SessionStore(database)
    for number in range(MOST_OF_A_PERSON + 2):
        store.add(str(number), session(str(number), seen_at=NOW + number))
    assert len(store.of("ann")) == MOST_OF_A_PERSON
    assert store.of("ann")[0].id == str(MOST_OF_A_PERSON + 1)


def test_sessions_that_are_over_go_away(database: Database) -> None:
    store = SessionStore(database)
    store.add("old", session("old", began_at=NOW - MOST_S - 1))
    store.add("new", session("new"))
    assert [one.id for one in store.of("ann")] == ["new"]


@pytest.mark.parametrize(("sid", "sub", "left"), [("s1", "", 1), ("", "u1", 0), ("", "", 2), ("other", "u1", 2)])
def test_a_logout_of_the_provider_ends_its_sessions_only(database: Database, sid: str, sub: str, left: int) -> None:
    store = SessionStore(database)
    for number in ("s1", "s2"):
        store.add(number, session(number, provider="https://idp", provider_session=number, provider_subject="u1"))
    store.add("local", session("local", person="bob"))
    store.end_of_provider("https://idp", sid, sub)
    assert len(store.of("ann")) == left
    assert len(store.of("bob")) == 1


def test_the_state_of_a_login_is_taken_once_by_the_browser_that_began_it(database: Database) -> None:
    store = LoginStore(database)
    state = store.begin("oidc", "browser", {"nonce": "n"}, NOW)
    assert store.take("oidc", "another browser", state, NOW) is None
    assert store.take("passkey", "browser", state, NOW) is None
    assert store.take("oidc", "browser", state, NOW) == {"nonce": "n"}
    assert store.take("oidc", "browser", state, NOW) is None


def test_the_state_of_a_login_is_over_after_ten_minutes(database: Database) -> None:
    store = LoginStore(database)
    assert store.take("oidc", "b", store.begin("oidc", "b", {}, NOW), NOW + login_store.STATE_S) is None


def test_strangers_cannot_fill_the_database_with_logins(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login_store, "MOST_STATES", 3)
    store = LoginStore(database)
    for _ in range(3):
        store.begin("oidc", "b", {}, NOW)
    with pytest.raises(RefusedError) as caught:
        store.begin("oidc", "b", {}, NOW)
    assert caught.value.code == "SLW421"
    assert store.begin("oidc", "b", {}, NOW + login_store.STATE_S)


def test_a_one_time_link_is_used_once_and_in_time(database: Database) -> None:
    store, secret = LoginStore(database), new()
    store.link_of(hashed(secret), "ann", LinkKind.FIRST, "owner:owner", NOW)
    assert store.use(secret, NOW + login_store.LINK_S) is None
    found = store.use(secret, NOW)
    assert found is not None
    assert (found.person, found.kind) == ("ann", LinkKind.FIRST)
    assert store.use(secret, NOW) is None


def test_what_is_open_looks_again_when_a_person_is_disabled_or_a_login_or_token_ends(database: Database) -> None:
    """Streams and terminals wake by the change, and end (tests/workers/api/test_events.py)."""
    people, sessions = PersonStore(database), SessionStore(database)
    tokens, changes = TokenStore(database), ChangeReader(database)
    IdentityStore(database).save(Identity("ann", ""))
    session = Session(id="s", person="ann", way=Way.LINK, began_at=NOW, seen_at=NOW, authenticated_at=NOW)
    made = Token(id="t", label="", owner="ann", scope=Scope(), created_at=NOW, expires_at=NOW + 60)
    ends: tuple[Callable[[], None], ...] = (
        lambda: people.disable("ann", NOW, disabled=True),
        lambda: sessions.end("s"),
        lambda: sessions.end_all("ann"),
        lambda: tokens.end("t"),
    )
    for end in ends:
        sessions.add(new(), session)
        tokens.add(new(), made)
        before = changes.ends()[1]
        end()
        assert [(one.topic, one.key) for one in changes.after(before, 10)] == [("access", "person:ann")]
        sessions.end("s")
        tokens.end("t")


def test_a_new_link_ends_the_older_one_of_the_same_person(database: Database) -> None:
    store = LoginStore(database)
    store.link_of(hashed("old"), "ann", LinkKind.FIRST, "owner:owner", NOW)
    store.link_of(hashed("new"), "ann", LinkKind.FIRST, "owner:owner", NOW)
    assert store.use("old", NOW) is None
    assert store.use("new", NOW) is not None


def test_a_passkey_belongs_to_one_person_and_a_person_has_a_bounded_number(database: Database) -> None:
    store = CredentialStore(database)
    store.add(credential("0", "handle"))
    with pytest.raises(RefusedError) as caught:
        store.add(replace(credential("1", "handle"), person="bob"))
    assert caught.value.code == "SLW424"
    for number in range(1, MOST_KEYS):
        store.add(credential(str(number)))
    with pytest.raises(RefusedError) as caught:
        store.add(credential("more"))
    assert caught.value.code == "SLW424"


def test_a_passkey_whose_counter_does_not_grow_is_a_copy(database: Database) -> None:
    store = CredentialStore(database)
    store.add(credential("counts", "a", uses=5))
    store.add(credential("never", "b"))
    assert store.used("counts", 6, NOW)
    assert not store.used("counts", 6, NOW)
    assert not store.used("counts", 0, NOW)
    assert store.used("never", 0, NOW)


def test_a_person_is_registered_in_identities_and_enabled_unless_somebody_says_otherwise(database: Database) -> None:
    store = PersonStore(database)
    IdentityStore(database).save(Identity("ann", "key", ("release-managers",), ("lead",)))
    ann = store.get("ann")
    assert ann is not None
    assert (ann.groups, ann.roles, ann.disabled) == (("release-managers",), ("lead",), False)
    store.disable("ann", NOW, disabled=True)
    assert [one.disabled for one in store.page("", 10)] == [True]
    assert store.get("bob") is None


def test_a_subject_of_a_provider_is_one_person(database: Database) -> None:
    store, identities = PersonStore(database), IdentityStore(database)
    for name in ("ann", "bob"):
        identities.save(Identity(name, ""))
        store.add(name, NOW, "https://idp", "u1")
    found = store.of_provider("https://idp", "u1")
    assert found is not None
    assert found.name == "ann"
    assert store.of_provider("https://other", "u1") is None


def test_a_token_is_found_by_its_secret_until_it_is_revoked(database: Database) -> None:
    store = TokenStore(database)
    token = Token(id="t", label="ci", owner="ann", scope=SCOPE, created_at=NOW, expires_at=NOW + 9)
    store.add("hash", token)
    assert store.get("hash") == token
    assert store.page("ann", "", 10) == store.page("", "", 10) == [token]
    assert store.page("bob", "", 10) == []
    store.end("t")
    assert store.get("hash") is None


def test_a_person_has_a_bounded_number_of_tokens(database: Database) -> None:
    store = TokenStore(database)
    token = Token(id="t", label="ci", owner="ann", scope=SCOPE, created_at=NOW, expires_at=NOW + 9)
    for number in range(MOST_TOKENS):
        store.add(f"hash{number}", replace(token, id=f"t{number}"))
    with pytest.raises(RefusedError) as caught:
        store.add("more", replace(token, id="more"))
    assert caught.value.code == "SLW427"
    store.add("later", replace(token, id="later", created_at=NOW + 9, expires_at=NOW + 20))
