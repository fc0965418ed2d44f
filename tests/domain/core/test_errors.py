"""An error says what, where, why and what to do, and whether asking again may help."""

from __future__ import annotations

from domain.core.error_codes import BY_CODE
from domain.core.errors import SluicewayError, StoreUnavailableError


def test_an_error_is_told_with_its_place_its_reason_and_its_remedy() -> None:
    broken = SluicewayError("SLW999", "the disk is full", where="/var", why="no space", fix="remove something")
    assert str(broken).splitlines() == [
        "/var: error SLW999: the disk is full",
        "  because no space",
        "  to fix it: remove something",
    ]


def test_without_a_remedy_of_its_own_an_error_gives_the_one_of_its_code() -> None:
    assert str(SluicewayError("SLW803", "the store is full")).endswith(f"to fix it: {BY_CODE['SLW803'].fix}")


def test_an_error_is_for_good_unless_it_says_otherwise() -> None:
    assert not SluicewayError("SLW999", "it is wrong").transient
    assert SluicewayError("SLW999", "it does not answer", transient=True).transient


def test_a_store_that_is_away_is_always_transient() -> None:
    assert StoreUnavailableError("SLW804", "away").transient


def test_an_answer_of_a_server_keeps_its_status() -> None:
    assert SluicewayError("SLW943", "refused", status=403).status == 403
    assert SluicewayError("SLW943", "no answer").status == 0
