"""The worker in a cluster takes a permit once, soon, for its own cluster, and for exactly what was signed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.authority.cluster_orders import CHANGE_OBJECT, VOLUME
from domain.authority.dialled_permits import AHEAD_S, YOUNGEST_S, Permits
from domain.authority.permit import LIFE_S, Effect, Permit, digest_of
from domain.core.documents import Manifest

NOW = 1_800_000_000.0
WHAT: Manifest = {
    "object": {"kind": "Pod", "namespace": "shop", "name": "web", "uid": "u"},
    "action": "delete",
    "at": "",
}
GOOD = Permit(
    effect=Effect.CLUSTER,
    subject="far",
    digest=digest_of(WHAT),
    action=CHANGE_OBJECT,
    made_at=int(NOW),
    expires_at=int(NOW) + LIFE_S,
    entry=7,
)
BAD = {
    "of another cluster": replace(GOOD, subject="near"),
    "for another effect": replace(GOOD, effect=Effect.EXEC),
    "for another action": replace(GOOD, action=VOLUME),
    "for something else": replace(GOOD, digest=digest_of({**WHAT, "at": "later"})),
    "old": replace(GOOD, made_at=int(NOW - YOUNGEST_S)),
    "from the future": replace(GOOD, made_at=int(NOW + AHEAD_S) + 1),
    "expired": replace(GOOD, expires_at=int(NOW)),
}


def permits() -> Permits:
    return Permits("far", NOW - 3_600)


def test_a_permit_for_exactly_this_here_and_now_counts() -> None:
    assert permits().refusal(GOOD, WHAT, NOW) == ""


@pytest.mark.parametrize("permit", BAD.values(), ids=BAD)
def test_any_other_permit_is_none(permit: Permit) -> None:
    assert permits().refusal(permit, WHAT, NOW)


def test_a_permit_counts_once() -> None:
    known = permits()
    known.use(GOOD, NOW)
    assert known.refusal(GOOD, WHAT, NOW) == "the permit was used already"
    assert known.refusal(replace(GOOD, entry=8), WHAT, NOW) == ""


def test_what_may_have_been_used_before_the_worker_began_does_not_count() -> None:
    assert Permits("far", NOW + 1).refusal(GOOD, WHAT, NOW + 2) == "the permit is from before this worker began"


def test_used_permits_are_remembered_for_as_long_as_they_would_count_and_no_longer() -> None:
    known = permits()
    for number in range(1_000):
        known.use(replace(GOOD, entry=number, made_at=int(NOW) + number), NOW + number)
    assert len(known._used) <= YOUNGEST_S + 1
