"""JUnit XML as its dialects write it: pytest, surefire, jest, gtest, go-junit-report, phpunit, .NET, CTest, Ginkgo, Qt.

No standard says what a report means. Here the worst word about a case counts: its elements, its `status` and `result`.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from domain.jobs.testing import TestCase, worst

MAX_DEPTH = 100
"""Suites within suites."""
MAX_SECONDS = 1e9
_ROOTS = ("testsuites", "testsuite", "testrun")
_BAD = ("failed", "error")
_LEAVES = ("properties", "system-out", "system-err")
_ELEMENTS = {
    "failure": "failed", "error": "error", "skipped": "skipped", "disabled": "skipped", "ignored": "skipped",
    "notrun": "skipped", "rerunFailure": "failed", "rerunError": "error",
}  # fmt: skip
"""A `rerunFailure` is one more failure of a case that never passed; a flaky one passed in the end."""
_PASSED_LATER = ("flakyFailure", "flakyError", "rerun")
_STATUSES = {
    word: outcome
    for outcome, words in {
        "failed": "fail failed failure xpass",
        "error": "error errored broken crashed aborted interrupted panicked timeout timedout",
        "skipped": "skip skipped disabled ignored notrun pending suppressed inconclusive xfail bfail bpass",
    }.items()
    for word in words.split()
}
"""A word that is not here says nothing: `run`, `completed`, `passed`, or a dialect's own."""
_SECONDS = re.compile(r"(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})(?:[eE][+-]?\d{1,3})?")


def cases_of(root: Element) -> list[TestCase]:
    """All cases, and one more of outcome error for each suite that has an error of its own.

    Raises:
        ValueError: it is not a JUnit report, or nests too deep.
    """
    if root.tag not in _ROOTS:
        raise ValueError(f"it is not a JUnit report: it starts with <{root.tag}>")
    cases: list[TestCase] = []
    _suite(root, cases, 0)
    return cases


def _suite(suite: Element, cases: list[TestCase], depth: int) -> bool:
    """Adds the cases of a suite; whether any is bad."""
    if depth > MAX_DEPTH:
        raise ValueError(f"its suites are nested more than {MAX_DEPTH} deep")
    bad = False
    for child in suite:
        if child.tag == "testcase":
            cases.append(_case(child))
            bad = bad or cases[-1].outcome in _BAD
        elif child.tag in ("error", "failure"):
            cases.append(_of_suite(suite, _message(child)))
            bad = True
        elif child.tag not in _LEAVES:
            bad = _suite(child, cases, depth + 1) or bad
    if not bad and (told := _complaint(suite)):
        cases.append(_of_suite(suite, told))
        bad = True
    return bad


def _complaint(suite: Element) -> str:
    """What a suite without any bad case says about itself. Failures that a flaky case explains are none."""
    for name, flaky in (("errors", "flakyError"), ("failures", "flakyFailure")):
        number = (suite.get(name) or "").replace(",", "").strip()
        if not number.isdecimal() or len(number) > 9 or not int(number):
            continue
        if int(number) > sum(case.find(flaky) is not None for case in suite.iter("testcase")):
            return f'the suite says {name}="{number}", and none of its cases does'
    word = _worded(suite)
    return f"the suite says '{word}', and none of its cases does" if word in _BAD else ""


def _of_suite(suite: Element, message: str) -> TestCase:
    return TestCase(f"suite {suite.get('name') or '(unnamed)'}", "error", 0.0, message)


def _case(element: Element) -> TestCase:
    told = [(_ELEMENTS[child.tag], child) for child in element if child.tag in _ELEMENTS]
    outcome = worst([word for word, _ in told] + [_worded(element)])
    message = next((_message(child) for word, child in told if word == outcome), "")
    flaky = outcome == "passed" and any(child.tag in _PASSED_LATER for child in element)
    name = ".".join(part for part in (element.get("classname"), element.get("name")) if part)
    return TestCase(name or "(unnamed)", outcome, _seconds(element.get("time")), message, flaky)


def _worded(element: Element) -> str:
    words = [word for name in ("status", "result") if (word := element.get(name))]
    return worst(_STATUSES.get(re.sub(r"[-_ ]", "", word.strip().lower()), "passed") for word in words)


def _message(element: Element) -> str:
    return (element.get("message") or element.text or "").strip()[:2000]


def _seconds(written: str | None) -> float:
    """`1,234.5` is a thousand, `0,25` a quarter. What is no plain number (`nan`, `1_000`) is 0."""
    text = (written or "").strip()
    if text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    text = text.replace(",", "")
    return min(float(text), MAX_SECONDS) if _SECONDS.fullmatch(text) else 0.0
