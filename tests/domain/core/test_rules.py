"""The smaller rules: gates, retries, matrices, graphs, globs, events, durations, masks, ledgers, rollbacks."""

import base64
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.core import globs, values
from domain.core.masking import MASK, Masker
from domain.core.sequences import Ledger
from domain.jobs import retry, testing
from domain.jobs.result import Failure, JobResult, Status
from domain.jobs.testing import TestCase, TestReport
from domain.pipelines import dag as graph
from domain.pipelines import matrix
from domain.pipelines.steps import Retry, TestSpec
from domain.scans import gate
from domain.scans.findings.fingerprint import identified
from domain.scans.findings.model import Finding, FindingKind, ScanReport, ScanState, Severity, ToolReport
from domain.scans.spec import GateSpec
from domain.triggers.events import Event, EventKind, Listener, match

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
reports = st.builds(
    lambda found, state: ScanReport((ToolReport("bandit", state, findings=tuple(found)),)),
    st.lists(findings, max_size=6),
    st.sampled_from(ScanState),
)


@given(st.dictionaries(st.sampled_from(["s1", "s2"]), reports | st.none()))
def test_a_gate_opens_only_on_complete_scans_without_a_blocking_finding(by_job):
    verdict = gate.judge(GateSpec(), by_job)
    complete = by_job and all(r and not r.failed for r in by_job.values())
    bad = [f for r in by_job.values() if r for f in r.findings if f.severity in ("high", "critical", "unknown")]

    assert verdict.passed == bool(complete and not bad)
    assert verdict.reasons


@given(reports, findings)
def test_one_more_finding_never_opens_a_gate(report, more):
    worse = ScanReport((*report.tools, ToolReport("more", ScanState.COMPLETE, findings=(more,))))

    assert gate.judge(GateSpec(), {"s": report}).passed or not gate.judge(GateSpec(), {"s": worse}).passed


def test_allowed_numbers_are_let_through_and_named():
    found = Finding("t", "R", FindingKind.SAST, Severity.HIGH, "")
    report = ScanReport((ToolReport("t", ScanState.COMPLETE, findings=(found, found)),))

    assert gate.judge(GateSpec(allow={"high": 2}), {"s": report}).passed
    assert not gate.judge(GateSpec(allow={"high": 1}), {"s": report}).passed


def test_a_gate_without_a_scan_stays_closed():
    assert not gate.judge(GateSpec(), {}).passed


@given(st.lists(findings, max_size=8))
def test_fingerprints_tell_equal_findings_apart_and_are_stable(found):
    first = [x.fingerprint for x in identified(found)]

    assert len(set(first)) == len(first)
    assert first == [x.fingerprint for x in identified(found)]


@given(st.integers(1, 9), st.sampled_from(Failure), st.integers(0, 255), st.integers(1, 5))
def test_retries_end_and_happen_only_for_named_causes(attempt, failure, code, attempts):
    rule = Retry(attempts, 1, on=("infrastructure", "exit:137"))
    again = retry.decide(rule, JobResult(Status.FAILED, failure=failure, exit_code=code, attempt=attempt))
    named = failure is Failure.INFRASTRUCTURE or (failure is Failure.EXIT and code == 137)

    limit = max(attempts, retry.INFRASTRUCTURE_ATTEMPTS) if failure is Failure.INFRASTRUCTURE else attempts

    assert again.again == (named and attempt < limit)
    assert again.reason
    assert 0 <= again.delay_s <= rule.max_backoff_s


def test_a_passed_job_is_not_tried_again():
    assert not retry.decide(Retry(5), JobResult(Status.PASSED)).again


axes = st.dictionaries(
    st.sampled_from("abc"), st.lists(st.integers(0, 3), min_size=1, max_size=3, unique=True), max_size=3
)


@given(axes)
def test_a_matrix_has_every_combination_once(given_axes):
    made = matrix.cells(given_axes)

    assert len(made) == matrix.count(given_axes)
    assert len({matrix.cell_id("j", cell) for cell in made}) == len(made)


def test_exclude_takes_out_and_include_adds():
    made = matrix.cells({"a": [1, 2], "b": [1]}, include=[{"a": 9}], exclude=[{"a": 1}])

    assert made == [{"a": 2, "b": 1}, {"a": 9}]


edges = st.dictionaries(st.integers(0, 7).map(str), st.lists(st.integers(0, 7).map(str), max_size=3), max_size=8)


@given(edges)
def test_a_graph_has_a_cycle_or_an_order(needs):
    circle = graph.cycle(needs)
    if circle:
        assert circle[0] == circle[-1]
        assert all(b in needs[a] for a, b in itertools.pairwise(circle))
    else:
        order = graph.order(needs)
        assert sorted(order) == sorted(needs)
        assert all(order.index(n) < order.index(x) for x in needs for n in needs[x] if n in needs)


@pytest.mark.parametrize(
    ("text", "patterns", "expected"),
    [
        ("src/a.py", ["src/*"], True),
        ("src/b/a.py", ["src/*"], False),
        ("src/b/a.py", ["src/**"], True),
        ("a.py", ["**/*.py"], True),
        ("docs/a.md", ["**", "!docs/**"], False),
        ("main", [], False),
        ("release/1", ["release/?"], True),
    ],
)
def test_globs(text, patterns, expected):
    assert globs.matches(text, patterns) is expected


@given(st.text(alphabet="ab/.*", max_size=12))
def test_a_path_matches_itself_unless_it_has_wild_cards(path):
    if "*" not in path and path:
        assert globs.matches(path, [path])


def push(**more):
    return Event(EventKind.PUSH, branch="main", changed_files=("src/a.py",), **more)


@pytest.mark.parametrize(
    ("listener", "starts"),
    [
        (Listener(EventKind.PUSH), True),
        (Listener(EventKind.PUSH, ("main",)), True),
        (Listener(EventKind.PUSH, ("release/*",)), False),
        (Listener(EventKind.PUSH, ("main",), (), ("docs/**",)), False),
        (Listener(EventKind.PUSH, (), ("v*",)), False),
    ],
)
def test_filters_of_a_push(listener, starts):
    found = match(push(), {EventKind.PUSH: listener})

    assert found.starts is starts
    assert found.reason


def test_who_does_not_listen_is_not_started_and_a_person_always_can():
    assert not match(push(), {}).starts
    assert match(Event(EventKind.MANUAL), {}).starts


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", None), ("90s", 90), ("1m30s", 90), ("24h", 86400), (5, 5), ("500ms", 0.5)]
)
def test_durations(text, seconds):
    if seconds is None:
        with pytest.raises(ValueError, match="is not a duration"):
            values.duration_s(text)
    else:
        assert values.duration_s(text) == seconds


secrets = st.text(alphabet="abcXYZ019-_=/+ é", min_size=6, max_size=20).filter(lambda s: len(s.strip()) >= 6)


@given(secrets, st.binary(max_size=30), st.binary(max_size=30), st.integers(1, 7))
def test_a_secret_never_gets_through_however_it_is_cut(secret, before, after, size):
    data = before + secret.encode() + after
    masker = Masker([secret])
    out = b"".join(masker.feed(data[i : i + size]) for i in range(0, len(data), size)) + masker.flush()

    assert secret.encode() not in out
    assert MASK in out


@given(secrets, st.text(alphabet="abc:", max_size=5))
def test_a_secret_is_masked_in_base64_at_any_alignment(secret, before):
    encoded = base64.b64encode((before + secret + "tail").encode())
    masker = Masker([secret])
    out = masker.feed(encoded) + masker.flush()

    assert MASK in out


@given(st.binary(max_size=200), st.integers(1, 9))
def test_without_secrets_nothing_is_changed(data, size):
    masker = Masker(["not-in-there-for-sure"])
    out = b"".join(masker.feed(data[i : i + size]) for i in range(0, len(data), size)) + masker.flush()

    assert out == data


@given(st.lists(st.sampled_from("abcdef")))
def test_a_delivery_has_one_number_for_ever_within_what_is_kept(ids):
    ledger, numbers = Ledger(keep=10), {}
    for id_ in ids:
        assert ledger.next(id_) == numbers.setdefault(id_, len(numbers) + 1)


def test_a_ledger_keeps_the_last_ones_only():
    ledger = Ledger(keep=3)
    for n in range(5):
        ledger.next(str(n))

    assert list(ledger.numbers) == ["2", "3", "4"]


@given(st.text(min_size=1), st.randoms(use_true_random=False))
def test_did_you_mean_only_offers_what_is_known(word, rng):
    known = ["build", "test", "deploy"]
    rng.shuffle(known)

    assert values.closest(word, known) in {"", *known}


cases = st.lists(
    st.builds(TestCase, st.just("t"), st.sampled_from(["passed", "failed", "error", "skipped"])), max_size=5
)


@given(cases, st.integers(0, 2), st.floats(-1, 100), st.floats(0, 100), st.booleans())
def test_a_test_report_passes_only_with_evidence_and_without_a_failure(found, files, covered, wanted, with_coverage):
    spec = TestSpec(("*.xml",), ("c.xml",) if with_coverage else (), wanted if with_coverage else 0)
    report = TestReport(tuple(found), files, covered)
    enough = files > 0 and found and not any(case.outcome in ("failed", "error") for case in found)
    if with_coverage:
        enough = enough and covered >= 0 and covered >= wanted

    assert (testing.judge(spec, report) == "") == bool(enough)
