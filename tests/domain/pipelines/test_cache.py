"""Caches: what a proposal may touch, which entry counts, which ones go."""

from hypothesis import given
from hypothesis import strategies as st

from domain.pipelines.cache import Entry, evict, lookup, scopes
from domain.triggers.events import EventKind

names = st.sampled_from(["", "main", "topic", "release/1"])
entries = st.lists(
    st.builds(
        Entry,
        st.sampled_from(["branch/main", "branch/topic", "tag/1", "manual/main"]),
        st.sampled_from(["pip-1", "pip-2", "npm-1"]),
        st.sampled_from("abc"),
        st.integers(1, 50),
        st.floats(0, 10),
        st.floats(0, 10),
    ),
    max_size=20,
)


@given(st.sampled_from(EventKind), names, names, names)
def test_only_a_push_or_schedule_of_a_branch_writes_what_others_of_that_branch_read(kind, branch, tag, default):
    found = scopes(kind, branch, tag, default)

    if found.write.startswith("branch/"):
        assert kind in (EventKind.PUSH, EventKind.SCHEDULE)
        assert (found.write, tag) == (f"branch/{branch}", "")
    assert bool(found.write) != bool(found.reason)
    if default:
        assert f"branch/{default}" in found.read


@given(names, names, names)
def test_a_pull_request_reads_the_default_branch_and_writes_nothing(branch, tag, default):
    found = scopes(EventKind.PULL_REQUEST, branch, tag, default)
    assert (found.read, found.write) == ((f"branch/{default}",) if default else (), "")


@given(entries, st.lists(st.sampled_from(["branch/main", "branch/topic", "tag/1"]), unique=True))
def test_nothing_is_read_from_another_scope_and_the_exact_key_comes_first(known, read):
    found = lookup(known, read, "pip-2", ["pip-"])

    assert found.reason.startswith("hit" if found.exact else "partial hit" if found.entry else "miss")
    if found.entry is None:
        assert not [one for one in known if one.scope in read and one.key.startswith("pip-")]
        return
    assert found.entry.scope in read
    exact = [one for one in known if one.scope in read and one.key == "pip-2"]
    assert found.exact == bool(exact)
    if not exact:
        scope = next(s for s in read if any(one.scope == s and one.key.startswith("pip-") for one in known))
        same = [one for one in known if one.scope == scope and one.key.startswith("pip-")]
        assert found.entry.made_at == max(one.made_at for one in same)


@given(entries, st.integers(0, 300))
def test_what_stays_fits_and_was_used_later_than_what_goes(known, limit):
    gone = evict(known, limit)
    stays = list(known)
    for one in gone:
        stays.remove(one)

    assert sum(one.size_bytes for one in stays) <= limit
    assert all(one.used_at <= other.used_at for one in gone for other in stays)
    if gone:  # not one more than needed
        assert sum(one.size_bytes for one in [*stays, gone[-1]]) > limit


def test_a_miss_says_where_was_looked() -> None:
    assert lookup([], ["branch/main"], "pip-1", ["pip-"]).reason == (
        "miss: pip-1 is not in branch/main, and no key starts with pip-"
    )
