"""Coverage, as the tools' formats write it."""

from activities.jobs.reports import reader
from domain.pipelines.steps import TestSpec


def test_cobertura_lines_are_counted_over_all_files(tmp_path):
    (tmp_path / "c.xml").write_text('<coverage><line number="1" hits="1"/><line number="2" hits="0"/></coverage>')

    assert reader.read(tmp_path, TestSpec(coverage=("c.xml",))).coverage_percent == 50
