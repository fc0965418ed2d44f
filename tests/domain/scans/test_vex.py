"""A VEX statement lets through what it names, with a reason, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.scans.findings import vex
from domain.scans.findings.model import Finding, FindingKind, Severity, State

FOUND = Finding(
    tool="trivy",
    rule="CVE-1",
    kind=FindingKind.VULNERABILITY,
    severity=Severity.HIGH,
    message="",
    path="r.txt",
    package="pkg:pypi/brook@1.0",
    aliases=("GHSA-1",),
)


def document(**changes) -> dict:
    one = {
        "vulnerability": {"name": "CVE-1"},
        "products": [{"@id": "pkg:pypi/brook"}],
        "status": "not_affected",
        "justification": "vulnerable_code_not_in_execute_path",
        **changes,
    }
    return {"@context": "https://openvex.dev/ns/v0.2.0", "author": "brook project", "statements": [one]}


@pytest.mark.parametrize(
    ("changes", "hidden"),
    [
        ({}, True),
        ({"status": "fixed", "justification": None}, True),
        ({"status": "affected"}, False),
        ({"status": "under_investigation"}, False),
        ({"vulnerability": {"name": "GHSA-1"}}, True),
        ({"vulnerability": {"name": "X", "aliases": ["CVE-1"]}}, True),
        ({"vulnerability": "CVE-1"}, True),
        ({"vulnerability": {"name": "CVE-2"}}, False),
        ({"products": [{"@id": "pkg:pypi/brook@1.0"}]}, True),
        ({"products": [{"@id": "pkg:pypi/brook@2.0"}]}, False),
        ({"products": [{"@id": "pkg:pypi/brooks"}]}, False),
        ({"products": [{"@id": "pkg:oci/web", "subcomponents": [{"@id": "pkg:pypi/brook@1.0"}]}]}, True),
        ({"products": []}, False),
    ],
)
def test_a_statement_covers_its_vulnerability_in_its_package_and_version(changes, hidden):
    (found,) = vex.apply([FOUND], vex.read(document(**changes)))

    assert (found.state is State.SUPPRESSED) == hidden
    if hidden:
        assert "brook project" in found.why


@pytest.mark.parametrize(
    ("times", "hidden"),
    [
        (("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"), False),
        (("2026-01-02T00:00:00.123456789+02:00", "2026-01-02T00:00:00Z"), False),
        (("2026-01-03T00:00:00Z", "2026-01-02T00:00:00Z"), True),
        (("2026-01-01T00:00:00Z", ""), True),
        (("", ""), False),
    ],
)
@pytest.mark.parametrize("status", ["affected", "under_investigation"])
def test_the_latest_statement_takes_the_place_of_earlier_ones(times, hidden, status):
    told = document()
    told["statements"].append({**told["statements"][0], "status": status})
    for one, time in zip(told["statements"], times, strict=True):
        one["timestamp"] = time
    (found,) = vex.apply([FOUND], vex.read(told))

    assert (found.state is State.SUPPRESSED) == hidden


def test_a_statement_without_a_time_has_that_of_its_document() -> None:
    old = vex.read({**document(), "timestamp": "2026-01-01T00:00:00Z"})
    new = vex.read({**document(status="affected"), "timestamp": "2026-01-02T00:00:00Z"})

    assert vex.apply([FOUND], [*new, *old])[0].state is not State.SUPPRESSED


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"@context": "https://example.org"},
        {"@context": "https://openvex.dev/ns", "statements": 5},
        document(justification=None),
        document(justification="because"),
        document(vulnerability={}),
        {"@context": "https://openvex.dev/ns", "statements": ["text"]},
    ],
)
def test_what_says_nothing_or_gives_no_reason_is_refused(wrong):
    with pytest.raises(ValueError, match=r".+"):
        vex.read(wrong)


def test_only_vulnerabilities_are_let_through() -> None:
    one = Finding(
        tool="semgrep",
        rule="CVE-1",
        kind=FindingKind.SAST,
        severity=Severity.HIGH,
        message="",
        package="pkg:pypi/brook@1.0",
    )

    assert vex.apply([one], vex.read(document())) == (one,)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda x: (
            st.lists(x, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "vulnerability",
                        "name",
                        "aliases",
                        "products",
                        "@id",
                        "status",
                        "identifiers",
                        "purl",
                        "subcomponents",
                    ]
                ),
                x,
                max_size=4,
            )
        ),
    )
)
def test_any_statement_is_read_or_refused(value):
    try:
        statements = vex.read({"@context": vex.CONTEXT, "statements": [value]})
    except (ValueError, TypeError):
        return
    vex.apply([FOUND], statements)
