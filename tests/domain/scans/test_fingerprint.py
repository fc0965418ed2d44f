"""Fingerprints of findings."""

from hypothesis import given
from hypothesis import strategies as st

from domain.scans.findings.fingerprint import identified
from domain.scans.findings.model import Finding, FindingKind, Severity

findings = st.builds(
    Finding,
    tool=st.just("bandit"),
    rule=st.sampled_from(["B1", "B2"]),
    kind=st.sampled_from(FindingKind),
    severity=st.sampled_from(Severity),
    message=st.just(""),
    path=st.sampled_from(["a.py", "b.py"]),
    snippet=st.sampled_from(["x", "y"]),
)


@given(st.lists(findings, max_size=8))
def test_fingerprints_tell_equal_findings_apart_and_are_stable(found):
    first = [x.fingerprint for x in identified(found)]

    assert len(set(first)) == len(first)
    assert first == [x.fingerprint for x in identified(found)]
