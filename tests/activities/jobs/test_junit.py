"""Reports of tests and of coverage."""

from activities.jobs import junit as test_reports
from domain.pipelines.steps import TestSpec


def test_entities_in_a_test_report_are_refused(tmp_path):
    (tmp_path / "r.xml").write_text('<!DOCTYPE x [<!ENTITY a "aaaa">]><testsuite><testcase name="&a;"/></testsuite>')
    report = test_reports.read(tmp_path, TestSpec(junit=("*.xml",)))

    assert report.cases == ()
    assert "cannot be read" in report.problems[0]


def test_cobertura_lines_are_counted_over_all_files(tmp_path):
    (tmp_path / "c.xml").write_text('<coverage><line number="1" hits="1"/><line number="2" hits="0"/></coverage>')

    assert test_reports.read(tmp_path, TestSpec(coverage=("c.xml",))).coverage_percent == 50
