"""Retention: what anybody still needs is never collected."""

from hypothesis import given
from hypothesis import strategies as st

from domain.evidence.retention import DAY_S, Keep, Reference, Retention, collectable, expired, referenced

NOW = 1_000 * DAY_S
days = st.integers(0, 1_000).map(lambda n: n * DAY_S)
references = st.lists(st.builds(Reference, st.sampled_from("abcd"), st.sampled_from(Keep), days), max_size=20)
policies = st.builds(Retention, *[st.sampled_from([0.0, DAY_S, 90 * DAY_S])] * 3)


@given(references, policies, st.sampled_from("abcde"), days)
def test_an_object_goes_only_when_it_is_old_and_every_reference_to_it_has_expired(found, policy, digest, written):
    kept = referenced(found, policy, NOW)
    needed = [one for one in found if one.digest == digest and not expired(one, policy, NOW)]

    assert collectable(written, digest, kept, NOW) == (not needed and written < NOW - DAY_S)


@given(references, policies)
def test_what_belongs_to_an_open_run_never_expires(found, policy):
    assert not [one for one in found if one.ended_at == 0 and expired(one, policy, NOW)]


def test_each_class_has_its_own_limit_and_evidence_has_none() -> None:
    ended = NOW - 100 * DAY_S
    found = [Reference(keep, keep, ended) for keep in Keep]
    assert set(referenced(found, Retention(), NOW)) == {"evidence", "logs", "caches"}
