"""Our own rules on the labelled corpus: each finds something, and none speaks of what only looks weak."""

import pytest
import yaml

from activities.scans.scanners.semgrep import RULES
from tests import corpus
from tests.corpus import measure

KNOWN_FALSE = {("python/commands.py", 88)}
"""A dictionary's values are not told apart by semgrep, so a constant beside a tainted one counts as tainted."""


@pytest.fixture(scope="module")
def report(looked):
    return looked.together("semgrep", "trivy")


def rules() -> list[str]:
    return [
        rule["id"]
        for path in sorted(RULES.glob("*.yaml"))
        for rule in yaml.load(path.read_text(), yaml.CSafeLoader)["rules"]
    ]


@pytest.mark.parametrize("rule", rules())
def test_each_rule_finds_a_line_that_is_labelled_weak(report, rule):
    weak = {(label.path, label.line) for label in corpus.labels("python", "other") if label.weak}
    mine = [one for one in report.findings if rule in {source.rule for source in one.said_by}]

    assert [one for one in mine if {(one.path, line) for line in range(one.line, one.end_line + 1)} & weak]


def test_no_rule_speaks_of_what_only_looks_weak(report):
    spots = measure.found_at(one for one in report.findings if "semgrep" in {x.tool for x in one.said_by})
    false = {
        (label.path, label.line)
        for label in corpus.labels("python", "other")
        if not label.weak and label.family in spots.get((label.path, label.line), set())
    }

    assert false == KNOWN_FALSE


@pytest.mark.parametrize(("what", "recall", "precision"), [("code", 0.85, 0.9), ("secrets", 0.9, 0.9)])
def test_together_they_stay_as_good_as_they_are(report, what, recall, precision):
    score = measure.score(report.findings, measure.FOLDERS[what])

    assert score["recall"] >= recall
    assert score["precision"] >= precision
