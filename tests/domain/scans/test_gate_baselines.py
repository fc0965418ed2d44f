"""What a baseline and the class of a file let through, and what they never do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.scans import counting, gate
from domain.scans.counting import Accepted
from domain.scans.findings.model import (
    FileClass,
    Finding,
    FindingKind,
    ScanReport,
    ScanState,
    Severity,
    State,
    Step,
    ToolReport,
)
from domain.scans.least_gate import LeastGate, judge_least
from domain.scans.spec import ALL_CLASSES, Always, GateSpec
from pipeline_defs.scans.compile import gate_spec
from pipeline_defs.scans.model import Gate
from tests.domain.policy.test_policy import GATES

WEAK = Finding(tool="bandit", rule="B602", kind=FindingKind.SAST, severity=Severity.HIGH, message="", fingerprint="f")
FINDINGS = st.builds(
    replace,
    st.just(WEAK),
    kind=st.sampled_from(FindingKind),
    severity=st.sampled_from(Severity),
    state=st.sampled_from(State),
    file_class=st.sampled_from(FileClass),
    fingerprint=st.sampled_from("abc"),
    rule=st.sampled_from(["B602", "B101"]),
    trace=st.sampled_from([(), (Step("a.py", 1, "q"),)]),
)
ALWAYS = st.builds(
    Always,
    kinds=st.sampled_from([(), ("sast",)]),
    rules=st.sampled_from([(), ("B602",)]),
    classes=st.sampled_from([(), ("own",)]),
    severities=st.sampled_from([(), ("critical",)]),
)
SPECS = st.builds(
    GateSpec,
    fail_on=st.sampled_from(["low", "high", "never"]),
    new_only=st.booleans(),
    accepted=st.booleans(),
    always=ALWAYS,
    classes=st.lists(st.sampled_from(ALL_CLASSES), unique=True).map(tuple),
)
SIGNED = st.builds(
    Accepted, st.dictionaries(st.sampled_from("abc"), st.sampled_from(Severity)), whole=st.sampled_from([False, True])
)


def passes(spec: GateSpec, *found: Finding, signed: Accepted | None = None) -> bool:
    return judged(spec, *found, signed=signed).passed


def judged(spec: GateSpec, *found: Finding, signed: Accepted | None = None) -> gate.GateVerdict:
    report = ScanReport(tools=(ToolReport(tool="bandit", state=ScanState.COMPLETE),), merged=found, baseline="main")
    return gate.judge(spec, {"s": report}, accepted={"s": signed} if signed else None)


@given(SPECS, FINDINGS, SIGNED)
def test_no_baseline_ever_excuses_a_secret(spec: GateSpec, one: Finding, signed: Accepted) -> None:
    secret = replace(one, kind=FindingKind.SECRET)

    assert not counting.excused(spec, secret, signed)
    if secret.state is not State.SUPPRESSED:
        assert counting.counts(spec, secret, signed)


@given(SPECS, st.lists(FINDINGS, max_size=4), SIGNED)
def test_a_gate_that_knows_a_baseline_opens_for_nothing_that_is_new(
    spec: GateSpec, found: list[Finding], signed: Accepted
) -> None:
    new = [replace(one, state=State.NEW) for one in found]
    signed = replace(signed, whole=False)

    assert passes(spec, *new, signed=signed) == passes(replace(spec, new_only=False, accepted=False), *new)


@given(SPECS, st.lists(FINDINGS, max_size=4), SIGNED, ALWAYS)
def test_without_a_baseline_with_more_classes_and_more_that_always_counts_a_gate_is_stricter(
    spec: GateSpec, found: list[Finding], signed: Accepted, always: Always
) -> None:
    stricter = [
        replace(spec, new_only=False),
        replace(spec, accepted=False),
        replace(spec, classes=ALL_CLASSES),
        replace(spec, always=spec.always.joined(always)),
    ]
    for one in stricter:
        assert passes(spec, *found, signed=signed) or not passes(one, *found, signed=signed)
    assert passes(spec, *found, signed=signed) or not passes(spec, *found)


@given(GATES, GATES, st.lists(FINDINGS, max_size=4), SIGNED)
def test_what_a_joined_least_gate_lets_in_each_of_them_lets_in(
    one: LeastGate, two: LeastGate, found: list[Finding], signed: Accepted
) -> None:
    reports = {"s": ScanReport(tools=(ToolReport(tool="trivy", state=ScanState.COMPLETE),), merged=tuple(found))}

    if judge_least(one.joined(two), reports, 0, accepted={"s": signed}).passed:
        assert judge_least(one, reports, 0, accepted={"s": signed}).passed
        assert judge_least(two, reports, 0, accepted={"s": signed}).passed


def test_auto_lets_through_what_a_person_has_signed_and_no_more() -> None:
    auto, known = GateSpec(accepted=True), replace(WEAK, state=State.EXISTING)
    signed = Accepted({"f": Severity.HIGH}, "the baseline that ann set")

    assert not passes(auto, known)
    assert passes(auto, known, signed=signed)
    assert not passes(auto, replace(known, severity=Severity.CRITICAL), signed=signed)
    assert not passes(auto, replace(known, fingerprint="other"), signed=signed)
    assert not passes(auto, replace(known, state=State.ESCALATED), signed=signed)
    assert not passes(GateSpec(), known, signed=signed)


def test_a_gate_says_against_which_baseline_it_judged_or_that_there_is_none() -> None:
    auto, known = GateSpec(accepted=True), replace(WEAK, state=State.EXISTING)
    signed = Accepted({"f": Severity.HIGH}, "the baseline that ann set")

    assert "scan s is judged against the baseline that ann set" in judged(auto, known, signed=signed).reasons
    assert any("every finding of scan s counts, old or new" in why for why in judged(auto, known).reasons)


def test_a_gate_says_which_findings_a_baseline_has_and_does_not_excuse() -> None:
    secret = replace(WEAK, kind=FindingKind.SECRET, state=State.EXISTING)
    words = "1 existing finding counted all the same: no baseline excuses secrets"

    assert words in judged(GateSpec(new_only=True), secret).reasons
    assert words in judged(GateSpec(accepted=True), secret, signed=Accepted({"f": Severity.HIGH}, "ann's")).reasons
    for spec, one in ((GateSpec(), secret), (GateSpec(new_only=True), replace(secret, state=State.NEW))):
        assert not any("all the same" in why for why in judged(spec, one).reasons)


@pytest.mark.parametrize(
    "always",
    [Always(kinds=("sast",)), Always(rules=("B602",)), Always(classes=("own",)), Always(severities=("high",))],
)
def test_what_a_policy_names_counts_old_or_new(always: Always) -> None:
    known = replace(WEAK, state=State.EXISTING)

    assert passes(GateSpec(new_only=True), known)
    assert not passes(GateSpec(new_only=True, always=always), known)


@pytest.mark.parametrize("file_class", [FileClass.VENDORED, FileClass.MINIFIED])
def test_weak_code_of_others_is_counted_apart_and_their_secrets_and_vulnerabilities_count(file_class) -> None:
    theirs = replace(WEAK, file_class=file_class)

    verdict = judged(GateSpec(), theirs)
    assert verdict.passed
    assert f"1 finding in {file_class} files not counted: 1 high" in verdict.reasons
    assert not passes(GateSpec(classes=ALL_CLASSES), theirs)
    assert not passes(GateSpec(), replace(theirs, trace=(Step("app.py", 1, "q"),)))
    for kind in (FindingKind.SECRET, FindingKind.VULNERABILITY, FindingKind.MISCONFIGURATION):
        assert not passes(GateSpec(), replace(theirs, kind=kind))


def test_a_written_gate_knows_a_signed_baseline_unless_it_says_so_or_is_strict() -> None:
    assert gate_spec(Gate()).accepted
    assert not gate_spec(Gate()).new_only
    assert not gate_spec(Gate.model_validate({"new-only": False})).accepted
    assert not gate_spec(Gate.model_validate({"policy": "strict"})).accepted
    assert gate_spec(Gate.model_validate({"policy": "strict"})).classes == ALL_CLASSES
    for word in ("required", True):
        required = gate_spec(Gate.model_validate({"new-only": word}))
        assert (required.new_only, required.accepted, required.needs_baseline) == (False, True, True)


@given(SPECS, st.lists(FINDINGS, max_size=4))
def test_no_gate_of_a_run_lets_pass_what_only_a_green_scan_has(spec: GateSpec, found: list[Finding]) -> None:
    fresh = [replace(one, state=State.SUPPRESSED if one.state is State.SUPPRESSED else State.NEW) for one in found]

    assert not passes(spec.in_run, *found) or passes(replace(spec, new_only=False), *fresh)


@pytest.mark.parametrize("old", [GateSpec(new_only=True), GateSpec(accepted=True, needs_baseline=True)])
def test_a_gate_that_must_have_a_baseline_is_closed_until_somebody_has_signed_one(old: GateSpec) -> None:
    known, spec = replace(WEAK, state=State.EXISTING), old.in_run

    assert any("new-only asks for a signed baseline of scan s" in why for why in judged(spec).reasons)
    assert not passes(spec)
    assert passes(spec, signed=Accepted(clean=True, words="ann's"))
    assert passes(spec, known, signed=Accepted({"f": Severity.HIGH}, "ann's"))
    assert not passes(spec, replace(WEAK, state=State.NEW), signed=Accepted({"f": Severity.HIGH}, "ann's"))
