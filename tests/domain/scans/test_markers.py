"""Markers are found as their tools read them, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.scans.markers import MARKERS, marked

WRITTEN = {
    "nosec": ["x()  # nosec", "x()  #nosec B602", "x() # nosec: B602", "f() // #nosec G104", "f() //nosec"],
    "nosemgrep": ["x() # nosemgrep", "x() // NoSem", "/* nosemgrep: rule */", "<!-- nosemgrep -->", "{# nosemgrep #}"],
    "trivy:ignore": ["#trivy:ignore:AVD-1", "# trivy:ignore:*", "// Trivy:Ignore:x"],
    "tfsec:ignore": ["#tfsec:ignore:aws-s3", "resource { # tfsec:ignore:*", "//tfsec:ignore:x"],
    "cfsec:ignore": ["#cfsec:ignore:AWS018"],
    "checkov:skip": [
        "#checkov:skip=CKV_1:why",
        "# checkov: skip = CKV_1",
        "#bridgecrew:skip=BC_1",
        "checkov.io/skip1: CKV",
    ],
    "hadolint ignore": ["# hadolint ignore=DL3008", "#hadolint ignore = DL1", "# hadolint global ignore=DL1"],
    "kics-scan": ["# kics-scan ignore", "#kics-scan ignore-line", "// kics-scan disable=abc"],
    "terrascan skip": ["#ts:skip=AWS.1 why", "runterrascan.io/skip: x"],
    "cfn_nag": ["rules_to_suppress:"],
    "zizmor: ignore": ["uses: x # zizmor: ignore[unpinned]"],
    "eslint-disable": [
        "// eslint-disable-next-line security/detect-eval",
        "/* eslint-disable */",
        "// eslint-disable-line",
        "/* eslint-disable no-console, no-eval */",
        "// eslint-disable-next-line -- because",
    ],
    "biome-ignore": ["// biome-ignore lint/security/noGlobalEval: x"],
    "deno-lint-ignore": ["// deno-lint-ignore no-eval", "// deno-lint-ignore-file"],
    "nolint": ["f() //nolint:gosec", "f() // nolint", "f() //nolint:errcheck,gosec"],
    "gosec:disable": ["//gosec:disable G101"],
    "noqa: S": ["x() # noqa: S603", "x() #noqa:E501,S101", "# NOQA : E501 S1", "# ruff: noqa: S101"],
    "file noqa": ["# ruff: noqa", "# flake8: noqa"],
    "rubocop:disable Security": ["# rubocop:disable Security/Eval", "# rubocop:disable all"],
    "NOSONAR": ["x(); // NOSONAR", "x() # why NOSONAR"],
    "skipcq": ["x() # skipcq: BAN-B603", "// skipcq"],
    "lgtm": ["x() # lgtm [py/sql]", "// lgtm"],
    "codeql": ["// codeql[js/xss]"],
    "deepcode ignore": ["# deepcode ignore Sqli: why", "// file deepcode ignore X"],
    "gitleaks:allow": ["key = 1 # gitleaks:allow"],
    "trufflehog:ignore": ["key = 1 # trufflehog:ignore"],
    "ggignore": ["key = 1 # ggignore", "# pragma: ggignore"],
    "pragma: allowlist secret": [
        "k = 1 # pragma: allowlist secret",
        "# pragma: whitelist secret",
        "# pragma: allowlist nextline secret",
    ],
}
"""Rule to lines that its tool obeys."""
HARMLESS = [
    "second = nosecrets(x)",
    "# seconds",
    "# noqa: E501",
    "// eslint-disable-next-line no-console",
    "//nolint:errcheck",
    "# skip this",
    "allow: gitleaks",
    "ignore: true",
    "# hadolint is a tool",
]
LINES = [(rule, line) for rule, lines in WRITTEN.items() for line in lines]


@pytest.mark.parametrize(("rule", "line"), LINES, ids=str)
def test_a_marker_is_found_on_its_line(rule, line):
    found = marked(f"a = 1\n{line}\r\nb = 2\n".encode())

    assert (2, rule) in found
    assert {number for number, _ in found} == {2}


@pytest.mark.parametrize("line", HARMLESS)
def test_what_only_looks_like_a_marker_is_none(line):
    assert not marked(f"{line}\n".encode())


def test_prose_speaks_of_markers_and_hides_only_secrets_with_them():
    text = b"Write # nosec there.\nkey = x # gitleaks:allow\n"

    assert marked(text, "docs/a.md") == [(2, "gitleaks:allow")]
    assert len(marked(text, "a.py")) == 2


@given(st.binary(max_size=300))
def test_any_bytes_are_read_and_every_line_is_one_of_theirs(data):
    found = marked(data)

    assert all(1 <= line <= data.count(b"\n") + 1 and rule in MARKERS for line, rule in found)


@given(st.lists(st.sampled_from(LINES), min_size=1, max_size=6), st.integers(0, 5))
def test_inserted_lines_move_markers_and_lose_none(lines, above):
    text = "".join(f"{line}\n" for _, line in lines).encode()

    assert marked(b"x\n" * above + text) == [(line + above, rule) for line, rule in marked(text)]


@pytest.mark.parametrize("sign", [b"#", b"# ", b"//", b";", b"#noqa:a1 ", b"/*eslint-disable ", b"nosonar"])
def test_a_big_hostile_file_is_read_in_time(sign):
    marked(sign * (300_000 // len(sign)) + b"nosec nosonar lgtm skipcq nohorus codeql kics-scan")
