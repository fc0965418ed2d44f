"""`sluiceway environment migrate` on a home as the engine before closed defaults wrote it, statement by statement."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.exc import SQLAlchemyError

from activities.access import environment_migration as migration
from activities.access.environments import Environments
from tests.support.command_line import said
from workers.core.plain_environment import plain
from workers.core.records import Records

BEFORE = Path(__file__).parents[2] / "activities" / "access" / "homes" / "before_closed_defaults.sql"
"""production: quorum 2, four eyes. stage: everything open. vault: groups without a quorum, the starter may decide.
`old-lab-`: a name by the rule of then. Live services are in production, canary-examples and Blue_Green, none in gone."""
ALLOWS = ("author", "committer", "starter")


@pytest.fixture
def old(home: Path) -> Path:
    home.mkdir()
    with closing(sqlite3.connect(home / "records.db")) as database:
        database.executescript(BEFORE.read_text())
    return home


def documents(home: Path) -> dict[str, str]:
    with closing(sqlite3.connect(home / "records.db")) as database:
        return dict(database.execute("select name, body from definitions where kind = 'Environment'"))


def allowed(home: Path, name: str) -> list[bool]:
    rule = Environments(Records.at(home / "records.db").definitions).get(name).approval
    return [rule.allow_author, rule.allow_committer, rule.allow_starter]


def test_it_shows_what_changes_and_changes_nothing_by_that(old: Path) -> None:
    before = documents(old)
    shown = said("environment", "migrate")

    assert "stage: the author: may approve their own change -> may not approve their own change" in shown
    assert "vault: the starter: may approve" in shown
    assert "vault: quorum: 0 -> 1" in shown
    assert "production: nothing changes" in shown
    assert "canary-examples: not registered, and live services are in it -> registered" in shown
    assert "'Blue_Green' is no name (SLW060)" in shown
    assert "'old-lab-' is no name (SLW060)" in shown
    assert "gone" not in shown
    assert documents(old) == before


def test_before_it_nobody_approves_their_own_change_in_what_was_open(old: Path) -> None:
    """An upgrade without the command is closed, not open."""
    assert allowed(old, "stage") == [False, False, False]


def test_it_closes_what_was_open_keeps_what_is_named_and_is_done_once(old: Path) -> None:
    assert "done" in said("environment", "migrate", "--apply", "--keep", "vault")

    assert allowed(old, "stage") == [False, False, False]
    assert allowed(old, "vault") == [False, False, True]
    known = Environments(Records.at(old / "records.db").definitions)
    assert known.get("production").approval.quorum == 2
    assert known.get("vault").approval.quorum == 1
    assert known.get("canary-examples").approval.registered
    left = json.loads(said("environment", "migrate", "--json"))
    assert (left["changes"], left["unmarked"], left["unregistered"]) == ([], [], [])
    assert left["no_names"] == ["Blue_Green", "old-lab-"]


def test_an_error_in_the_middle_leaves_all_of_it_as_it_was(old: Path) -> None:
    said("environment", "migrate")  # the records have today's schema
    before = documents(old)
    with closing(sqlite3.connect(old / "records.db")) as database:  # the last document cannot be written
        database.execute(
            "create trigger full before update on definitions when new.name = 'vault' "
            "begin select raise(abort, 'database or disk is full'); end"
        )
        database.commit()
    known = Environments(Records.at(old / "records.db").definitions)
    with pytest.raises(SQLAlchemyError, match="full"):
        migration.apply(known, migration.due(known, ()), [])
    assert documents(old) == before

    with closing(sqlite3.connect(old / "records.db")) as database:
        database.execute("drop trigger full")
        database.commit()
    assert "done" in said("environment", "migrate", "--apply")


def test_a_document_that_cannot_be_registered_keeps_the_others_from_being(old: Path) -> None:
    known = Environments(Records.at(old / "records.db").definitions)
    before = documents(old)
    with pytest.raises(Exception, match="cannot be an environment") as refused:
        migration.apply(known, migration.due(known, ()), [("../x", plain("x"))])
    assert getattr(refused.value, "code", "") == "SLW060"
    assert documents(old) == before
