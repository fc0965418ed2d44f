"""The labels of the twins are what the measured figures rest on."""

import ast

import pytest

from domain.scans.findings.model import Finding, FindingKind, Severity
from tests.corpus import twins


@pytest.mark.parametrize("half", twins.HALVES)
@pytest.mark.parametrize("category", twins.FAMILIES)
def test_each_half_has_as_many_real_cases_as_twins_of_each_category(half, category):
    mine = [case for case in twins.cases(half) if case.category == category]

    assert sum(case.real for case in mine) == 10
    assert sum(not case.real for case in mine) == 10


@pytest.mark.parametrize("half", twins.HALVES)
def test_each_file_of_a_case_parses_and_says_what_its_case_says(half):
    for case in twins.cases(half):
        for path in twins.files(case):
            ast.parse(path.read_text())
            assert path.read_text().startswith(f"# {'real' if case.real else 'twin'}: CWE-{case.cwe}\n")
        assert case.cwe in twins.FAMILIES[case.category]


@pytest.mark.parametrize("half", twins.HALVES)
def test_no_two_cases_are_the_same_program(half):
    texts = [
        "".join(ast.unparse(ast.parse(path.read_text())) for path in twins.files(case)) for case in twins.cases(half)
    ]

    assert len(set(texts)) == len(texts)


def finding(cwe: str, path: str) -> Finding:
    return Finding(tool="t", rule="r", kind=FindingKind.SAST, severity=Severity.LOW, message="", cwe=cwe, path=path)


def test_a_case_is_found_by_a_finding_of_its_family_in_its_files_only():
    case = twins.Case("open", "xss", "page", True, 79)

    assert twins.hit(case, [finding("CWE-80", "xss/page.py")])
    assert twins.hit(case, [finding("CWE-79", "xss/page/store.py")])
    assert not twins.hit(case, [finding("CWE-79", "xss/page_2.py")])
    assert not twins.hit(case, [finding("CWE-89", "xss/page.py")])


def test_a_score_counts_what_is_found_and_what_is_falsely_found():
    assert twins.Score(10, 10, 8, 2).recall == 0.8
    assert twins.Score(10, 10, 8, 2).false_positives == 0.2
    assert twins.Score(10, 10, 8, 2).precision == 0.8
    assert twins.Score(0, 0, 0, 0).precision == 0.0
