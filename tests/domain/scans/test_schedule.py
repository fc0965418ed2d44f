"""Scanners start longest first, and no other order ends much earlier."""

import heapq
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from domain.scans.files.model import Entry, FileKind
from domain.scans.schedule import _SECONDS_PER_MB, ALL, _expected_s, longest_first, sizes

TOOLS = st.lists(st.sampled_from([*_SECONDS_PER_MB, "new", "another"]), unique=True, max_size=6)
SIZES = st.dictionaries(st.sampled_from([ALL, "python", "go", "javascript"]), st.integers(0, 10**9))


def ends(order: list[str], seconds: dict[str, float], cores: int) -> float:
    """Each takes the core that is free first."""
    free = [0.0] * cores
    for tool in order:
        heapq.heappush(free, heapq.heappop(free) + seconds[tool])
    return max(free)


@given(TOOLS, SIZES)
def test_every_scanner_starts_once_and_never_before_a_longer_one(tools, bytes_of):
    order = longest_first(tools, bytes_of)
    assert sorted(order) == sorted(tools)
    expected = [_expected_s(tool, bytes_of) for tool in order]
    assert expected == sorted(expected, reverse=True)


@given(TOOLS.filter(lambda tools: not {"new", "another"} & set(tools)), SIZES, st.integers(1, 4))
def test_it_ends_at_most_a_third_later_than_the_best_order(tools, bytes_of, cores):
    seconds = {tool: _expected_s(tool, bytes_of) for tool in tools}
    best = min(ends(list(order), seconds, cores) for order in permutations(tools))
    assert ends(longest_first(tools, bytes_of), seconds, cores) <= best * (4 / 3 - 1 / (3 * cores)) + 1e-9


def test_a_scanner_that_nobody_has_measured_starts_first():
    assert longest_first(["bandit", "new"], {"python": 10**9})[0] == "new"


def test_the_sizes_are_of_all_files_and_by_language():
    entries = [Entry("a.py", FileKind.CODE, "python", size=2), Entry("n.ipynb", FileKind.NOTEBOOK, size=3)]
    assert sizes([*entries, Entry("b.txt", FileKind.TEXT, size=5)]) == {ALL: 10, "python": 5}
