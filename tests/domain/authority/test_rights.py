"""What the signer remembers of rights: nothing by halves, and no version that two people did not sign for."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from domain.access.grants import Grant, GrantKind
from domain.access.labels import Label
from domain.access.principal import OWNER
from domain.access.role import Role
from domain.authority import rights
from domain.authority.rights import RememberedRights, RightTopic, Version
from domain.core.documents import Node

PEOPLE = st.sampled_from(["person:kim", "person:lee", OWNER.id])
STEPS = st.lists(
    st.tuples(st.integers(1, 2), st.sampled_from(["shadow", "active", "retired"]), PEOPLE, st.sampled_from("de")),
    max_size=12,
)
GRANTS = st.builds(
    Grant,
    id=st.integers(1, 3),
    kind=st.sampled_from(GrantKind),
    principal=st.sampled_from(["person:ann", "group:web"]),
    role=st.sampled_from(Role),
    resource=st.sampled_from(["engine:engine", "pipeline:web"]),
    by=PEOPLE,
    until=st.sampled_from([0.0, 5.0]),
)


def tell(known: RememberedRights, said) -> str:
    topic, name, body = said
    refused = rights.objection(known, topic, name, Node(body))
    if not refused:
        known.apply(topic, name, Node(body))
    return refused


@given(STEPS)
def test_no_version_is_active_that_two_people_or_the_owner_did_not_sign_for(steps):
    known, admitted = RememberedRights(), []
    for version, state, person, digest in steps:
        if not tell(known, rights.of_step("freeze", version, digest, state, person)):
            admitted.append((version, digest, state, person))
    for which in known.active.values():
        people = {
            who for v, d, state, who in admitted if (v, d) == (which.version, which.digest) and state != "retired"
        }
        assert len(people) > 1 or people == {OWNER.id}


@given(st.lists(GRANTS, max_size=6), GRANTS)
def test_a_row_gives_something_only_as_it_was_told(told, row):
    known = RememberedRights()
    admitted = [one for one in told if not tell(known, rights.of_grant(one))]
    expected = any((one.id, *vars(one).values()) == (row.id, *vars(row).values()) for one in admitted)
    assert known.holds(row) >= expected
    if known.holds(row):
        changed = replace(row, role=next(one for one in Role if one != row.role))
        assert not known.holds(changed)
        tell(known, (RightTopic.REVOKED, str(row.id), {}))
        assert not known.holds(row)


@given(GRANTS, st.integers(0, 9))
def test_what_the_database_says_beside_it_is_told(row, level):
    known = RememberedRights()
    assert rights.differences(known, [], {}, {}, []) == ()
    assert not known.shared
    found = rights.differences(known, [row], {"pipeline:web": Label(level=level)}, {"pipeline:web": "shop"}, [])
    assert len(found) == 2 + (level > 0)
    tell(known, rights.of_grant(row))
    tell(known, rights.of_label("pipeline:web", Label(level=level)))
    tell(known, (RightTopic.PROJECT, "pipeline:web", {"project": "shop"}))
    labels = {"pipeline:web": Label(level=level)}
    assert rights.differences(known, [row], labels, {"pipeline:web": "shop"}, []) == ()
    assert len(rights.differences(known, [row], labels, {"pipeline:web": "shop"}, [Version("x", 1, "d")])) == 1
