"""No file is overlooked: it is held against a scanner's own list, or named with the reason."""

from hypothesis import given
from hypothesis import strategies as st

from domain.scans.files.coverage import CODE_TOOLS, expected_by, gap_of, inventory, shown
from domain.scans.files.kinds import claims_code
from domain.scans.files.languages import CANONICAL
from domain.scans.files.model import Entry, FileKind
from domain.scans.files.report import MAX_UNSCANNED, Unscanned
from domain.scans.files.words import lines

ENTRIES = st.lists(
    st.builds(
        Entry, st.text(min_size=1, max_size=20), st.sampled_from(FileKind), st.sampled_from(["", "python", "ruby"])
    ),
    max_size=30,
)
TOOLS = st.sets(st.sampled_from(["bandit", "semgrep", "dataflow", "secrets", "trivy", "markers"]))


@given(ENTRIES, TOOLS)
def test_every_file_is_counted_once_by_kind_and_class(entries, tools):
    found = inventory(entries, [], 0, tools)

    assert found.files == len(entries) == sum(found.kinds.values()) == sum(found.classes.values())


@given(ENTRIES, TOOLS)
def test_what_is_not_here_is_named_and_leaves_a_gap_when_somebody_could_have_read_it(entries, tools):
    found = inventory(entries, [], 0, tools)
    absent = {FileKind.SUBMODULE, FileKind.LFS_POINTER, FileKind.SPECIAL, FileKind.UNREADABLE, FileKind.HUGE}

    named = [one.path for one in found.unscanned if one.path]
    assert sorted(named) == sorted(shown(one.path) for one in entries if one.kind in absent)
    assert found.gaps == sum(
        one.kind in (FileKind.UNREADABLE, FileKind.HUGE) or (one.kind is FileKind.LFS_POINTER and claims_code(one.path))
        for one in entries
    )
    assert bool(gap_of(found)) == bool(found.gaps)


@given(st.lists(st.builds(Unscanned, st.text(min_size=1, max_size=9), st.just("why"), st.booleans()), max_size=400))
def test_a_gap_is_never_crowded_out_by_what_leaves_none(left_out):
    found = inventory([], left_out, 0, ["secrets"])

    assert found.unscanned_count == len(left_out) >= len(found.unscanned) <= MAX_UNSCANNED
    assert sum(one.gap for one in found.unscanned) == min(found.gaps, MAX_UNSCANNED)
    assert all(one.path == shown(one.path) for one in found.unscanned)


@given(ENTRIES, st.lists(st.builds(Unscanned, st.text(min_size=1, max_size=9), st.just("why")), max_size=20))
def test_what_the_scan_excludes_itself_leaves_no_gap_and_is_named(entries, left_out):
    found = inventory(entries, left_out, 0, ["secrets"], lambda path: True)

    assert not found.gaps
    assert sum("excluded" in one.reason for one in found.unscanned) >= min(len(left_out), MAX_UNSCANNED)


def test_each_language_with_rules_has_a_scanner_that_is_held_to_its_files():
    assert CODE_TOOLS.keys() == CANONICAL.keys()
    for language, tools in CODE_TOOLS.items():
        names = {f"x{suffix}" for suffix in CANONICAL[language]}
        assert all(expected_by(tool, names) == names for tool in tools)


def test_a_scan_without_a_scanner_for_a_language_says_so():
    found = inventory([Entry("a.py", FileKind.CODE, "python")], [], 0, ["trivy"])

    assert "1 file of python: the scan uses none of bandit" in "\n".join(lines(found))


@given(ENTRIES, TOOLS, st.integers(0, 5))
def test_words_are_lines_that_a_terminal_can_show(entries, tools, ignored):
    told = lines(inventory(entries, [], ignored, tools))

    assert bool(told) == bool(entries)
    assert all(line.isprintable() for line in told)


@given(st.text(max_size=50))
def test_a_path_is_shown_in_printable_letters(path):
    assert shown(path).isprintable()
    assert shown(path) == path or not path.isprintable()
