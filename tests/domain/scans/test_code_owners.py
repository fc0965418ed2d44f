"""Who owns a file is what CODEOWNERS says of it last; no line of a stranger breaks the others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.scans.findings import code_owners
from domain.scans.findings.code_owners import Owners
from domain.scans.findings.model import Finding, FindingKind, Severity

FILE = b"""# everybody's
*             @all
*.js          @js # and not @all
/build/logs/  @logs
docs/*        docs@example.com
apps/         @apps
/apps/free
[Section]
!broken       @nobody
/a{b}/        @braces
"""


def owner(path: str, file: bytes = FILE, assigned: dict[str, str] | None = None) -> str:
    one = Finding(
        tool="t", rule="r", kind=FindingKind.SAST, severity=Severity.LOW, message="", path=path, fingerprint="f"
    )
    (found,) = Owners(code_owners.read(file), assigned or {}).of([one])
    return found.owner


@pytest.mark.parametrize(
    ("path", "owner_"),
    [
        ("a.py", "@all"),
        ("x/y.js", "@js"),
        ("build/logs/a/b", "@logs"),
        ("x/build/logs/a", "@all"),
        ("docs/a.md", "docs@example.com"),
        ("docs/b/c.md", "@all"),
        ("y/apps/x", "@apps"),
        ("apps/free/z", ""),
        ("a{b}/x", "@braces"),
        ("ab/x", "@all"),
    ],
)
def test_the_last_line_that_fits_a_path_says_who_owns_it(path: str, owner_: str) -> None:
    assert owner(path) == owner_


def test_an_assigned_finding_is_of_whom_it_was_assigned_to() -> None:
    assert owner("a.py", assigned={"f": "ann"}) == "ann"
    assert owner("a.py", b"", assigned={"g": "ann"}) == ""


@given(
    st.lists(st.sampled_from(["*", "*.js", "/a/", "b", "a/*", "x,y", "a{b}", "**/c", "long" * 60]), max_size=30),
    st.sampled_from(["a/b.js", "b/c", "x,y/z", "a{b}/q", "long" * 60, "d/c/e", "q"]),
)
def test_many_lines_are_the_same_as_one_after_the_other(lines: list[str], path: str) -> None:
    alone = [number for number, line in enumerate(lines) if owner(path, f"{line} @o".encode())]

    said = "\n".join(f"{line} @{number}" for number, line in enumerate(lines))
    assert owner(path, said.encode()) == (f"@{alone[-1]}" if alone else "")


@given(st.binary(max_size=200), st.text(max_size=20))
def test_no_file_and_no_path_breaks_it_and_a_last_line_for_everything_counts(file: bytes, path: str) -> None:
    owner(path, file)
    assert owner("a.py", file.replace(b"#", b"") + b"\n* @last\n") == "@last"
