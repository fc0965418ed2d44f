"""Coverage means what the tool that wrote it says, in one number for all parts."""

from pathlib import Path

import pytest

from activities.jobs.reports import reader
from domain.jobs import testing
from domain.jobs.testing import TestReport
from domain.pipelines.steps import TestSpec

SPEC = TestSpec(coverage=("*",), min_coverage_percent=1)


def read(folder: Path, *texts: str | bytes) -> TestReport:
    """The files `0`, `1`, ..., and no others, read together."""
    for left in folder.glob("[0-9]"):
        left.unlink()
    for number, text in enumerate(texts):
        (folder / str(number)).write_bytes(text.encode() if isinstance(text, str) else text)
    return reader.read(folder, SPEC)


def rates(folder: Path, *texts: str | bytes) -> tuple[float, float]:
    report = read(folder, *texts)

    assert report.problems == ()
    return report.coverage_percent, report.branch_percent


def cobertura(lines: str, methods: str = "", file: str = "m.py", source: str = "") -> str:
    found = f'<class name="m" filename="{file}"><methods>{methods}</methods><lines>{lines}</lines></class>'
    sources = f"<sources><source>{source}</source></sources>"
    return f"<coverage>{sources}<packages><package><classes>{found}</classes></package></packages></coverage>"


def line(number: int, hits: object, conditions: str = "") -> str:
    said = f' branch="true" condition-coverage="50% ({conditions})"' if conditions else ""
    return f'<line number="{number}" hits="{hits}"{said}/>'


METHOD = f"<method><lines>{line(1, 0)}{line(2, 0)}</lines></method>"


def test_lines_of_cobertura_are_those_of_its_classes_each_once(tmp_path):
    text = cobertura(line(1, 1) + line(2, 0) + line(2, 0) + line(2, 3) + line(3, 0), METHOD)

    assert rates(tmp_path, text) == (66.66, -1)


def test_a_class_without_lines_has_those_of_its_methods(tmp_path):
    assert rates(tmp_path, cobertura("", METHOD + f"<method><lines>{line(3, 1)}</lines></method>")) == (33.33, -1)


def test_two_classes_of_one_file_are_one_file(tmp_path):
    one = cobertura(line(1, 1) + line(2, 0))
    both = one.replace("</class>", f'</class><class filename="m.py"><lines>{line(1, 0)}{line(2, 1)}</lines></class>')

    assert rates(tmp_path, both) == (100, -1)


def test_parts_of_one_file_are_merged_and_other_files_are_added(tmp_path):
    first, second = line(1, 1) + line(2, 0, "1/2"), line(1, 0) + line(2, 5, "2/4")

    assert rates(tmp_path, cobertura(first), cobertura(second)) == (100, 50)
    assert rates(tmp_path, cobertura(first), cobertura(second, file="n.py")) == (50, 50)


def test_a_part_of_another_checkout_and_of_a_module_is_the_file_here(tmp_path):
    (tmp_path / "mod" / "src").mkdir(parents=True)
    (tmp_path / "mod" / "src" / "a.py").touch()
    here = cobertura(line(1, 1) + line(2, 0), file="src/a.py", source=f"{tmp_path}/mod")
    there = cobertura(line(1, 0) + line(2, 1), file="src\\a.py", source="C:\\ci\\7\\mod\\")
    lcov = "SF:/elsewhere/repo/mod/src/a.py\nDA:1,0\nDA:2,0\nend_of_record\n"
    other = cobertura(line(1, 0), file="src/a.py", source=f"{tmp_path}/other")

    assert rates(tmp_path, here, there, lcov) == (100, -1)
    assert rates(tmp_path, here, there, lcov, other) == (66.66, -1)


JACOCO = """<?xml version="1.0"?><!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN" "report.dtd">
<report name="r"><sessioninfo id="s" start="1" dump="2"/><package name="a/b"><class name="a/b/C" sourcefilename="C.java">
<method name="m" desc="()" line="3"><counter type="LINE" missed="9" covered="9"/></method></class>
<sourcefile name="C.java"><line nr="3" mi="0" ci="{}" mb="0" cb="0"/><line nr="4" mi="1" ci="1" mb="1" cb="1"/>
<line nr="5" mi="4" ci="0" mb="0" cb="0"/><counter type="LINE" missed="1" covered="2"/></sourcefile></package></report>"""


def test_jacoco_is_read_by_its_lines_and_parts_are_merged(tmp_path):
    assert rates(tmp_path, JACOCO.format(0)) == (33.33, 50)
    assert rates(tmp_path, JACOCO.format(0), JACOCO.format(3)) == (66.66, 50)


def test_modules_of_jacoco_are_not_mixed(tmp_path):
    package = JACOCO[JACOCO.index("<package") :].removesuffix("</report>")
    groups = f'<group name="x">{package.format(1)}</group><group name="y">{package.format(0)}</group>'

    assert rates(tmp_path, f'<report name="r">{groups}</report>') == (50, 50)


CLOVER = """<coverage generated="1" clover="3.2.0"><project timestamp="1"><metrics statements="9" coveredstatements="9"/>
<package name="p"><file name="a.js" path="/w/a.js"><metrics conditionals="4" coveredconditionals="3"/>
<line num="1" type="method" count="0"/><line num="2" type="stmt" count="5"/><line num="3" type="cond" truecount="0"
falsecount="2"/><line num="4" type="cond" count="0" truecount="0" falsecount="2"/></file></package>
<file name="b.php"><class name="B"/><line num="1" type="stmt" count="0"/></file></project>
<testproject timestamp="1"><file name="t.js"><line num="1" type="stmt" count="0"/></file></testproject></coverage>"""


def test_clover_is_read_by_its_lines_and_the_metrics_of_its_branches(tmp_path):
    assert rates(tmp_path, CLOVER) == (50, 75)


LCOV = """TN:suite
SF:src/a.c
FN:1,main
DA:1,2874063630,checksum
DA:2,{}
BRDA:1,0,0,3
BRDA:1,0,1,-
BRDA:1,e0,"a, b",{}
LF:9
end_of_record
"""


def test_lcov_is_read_and_branches_are_merged_by_name(tmp_path):
    assert rates(tmp_path, LCOV.format(0, 0)) == (50, 33.33)
    assert rates(tmp_path, LCOV.format(0, 0), LCOV.format(-3, 1)) == (50, 66.66)
    assert rates(tmp_path, LCOV.format(1, 0).replace("\n", "\r\n").encode("utf-8-sig")) == (100, 33.33)


GO = "mode: {}\nx.org/m/a.go:3.20,5.2 3 0\nx.org/m/a.go:7.2,9.3 1 12\nx.org/m/a.go:3.20,5.2 3 {}\n"


def test_a_profile_of_go_counts_statements_as_go_does(tmp_path):
    assert rates(tmp_path, GO.format("atomic", 0)) == (25, -1)
    assert rates(tmp_path, GO.format("set", 1)) == (100, -1)
    assert rates(tmp_path, GO.format("set", 0) + GO.format("count", 2)) == (100, -1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "<coverage>",
        '<coverage><line number="1" hits="1"/></coverage>',
        "<CoverageSession/>",
        "<html><body/></html>",
        "<report/>",
        '<report name="r"><counter type="INSTRUCTION" missed="1" covered="9"/></report>',
        cobertura(line(1, "nan")),
        cobertura(line(1, "")),
        cobertura('<line number="x" hits="1"/>'),
        cobertura(line(1, 1, "1/999999")),
        cobertura('<line number="&a;" hits="1"/>').replace("<coverage>", "<!DOCTYPE c [<!ENTITY a '1'>]><coverage>", 1),
        "mode: set\nx.go:1.1,2.2 1\n",
        "mode: set\nx.go:1.1,2.2 99999999 1\n",
        "SF:a.c\nDA:1,1\n",
        "DA:1,1\nSF:a.c\nend_of_record\n",
        "SF:a.c\nDA:x,1\nend_of_record\n",
        "SF:a.c\nDA:1\nend_of_record\n",
        "SF:a.c\nSF:b.c\nend_of_record\n",
        JACOCO.format(-1),
    ],
)
def test_a_file_that_matches_and_is_not_understood_fails_the_job_by_its_name(tmp_path, text):
    report = read(tmp_path, cobertura(line(1, 1)), text)

    assert testing.judge(SPEC, report).startswith("1 cannot be read: ")


def test_a_report_of_nothing_covers_nothing(tmp_path):
    assert rates(tmp_path, '<coverage line-rate="1"><packages/></coverage>') == (0, -1)


def test_more_than_can_be_held_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(reader, "MAX_MEASURED", 2)

    files = [cobertura(line(1, 1) + line(2, 1)), GO.format("set", 1)]
    found = reader.report(tmp_path, [], ["0", "1"], lambda name: files[int(name)].encode())
    assert "more than 2 lines" in found.problems[0]
