"""A reader that is led astray has no rights, and its parent goes on. Reports made to exhaust a reader are refused in time."""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from activities.core.sandboxed import BeyondLimitsError, Pool
from activities.jobs.reports import reader
from activities.scans.formats import sarif_reader
from domain.pipelines.steps import TestSpec
from domain.scans.findings.model import ScanState

ASTRAY = "tests.support.led_astray"


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    pool = Pool(ASTRAY, memory=1 << 30, seconds=20)
    yield pool
    pool.close()


def test_what_is_read_is_answered_by_a_child_that_stays(pool: Pool) -> None:
    assert pool.ask("echo", b"x" * 3_000_000) == b"x" * 3_000_000
    [child] = pool._free
    assert pool.ask("echo", b"again") == b"again"
    assert pool._free == [child]


@pytest.mark.parametrize(
    ("attack", "data"),
    [
        ("read", b"/etc/passwd"), ("write", b"/tmp/sluiceway-led-astray"), ("connect", b""), ("fork", b""),
        ("raise limits", b""),
    ],
)  # fmt: skip
def test_it_can_touch_nothing(attack: str, data: bytes, pool: Pool) -> None:
    assert pool.ask(attack, data).startswith(b"refused: ")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a child to somebody else")
def test_it_cannot_reach_its_parent(pool: Pool) -> None:
    assert pool.ask("kill", str(os.getpid()).encode()) == b"refused: PermissionError"


def test_it_inherits_nothing(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "a secret of the worker")
    pool.close()
    user, environment, files = json.loads(pool.ask("who", b""))
    assert user in ({65_534} if os.geteuid() == 0 else {65_534, os.getuid()})  # nobody, where it has no user of ours
    assert set(environment) <= {"LANG", "LC_CTYPE"}
    assert files == [0, 1, 2]


@pytest.mark.parametrize("attack", ["eat", "crash", "deep", "babble", "long", "run"])
def test_one_that_breaks_a_limit_is_replaced_and_told(attack: str, pool: Pool) -> None:
    with pytest.raises(BeyondLimitsError, match="SLW071"):
        pool.ask(attack, b"")
    assert pool.ask("echo", b"the next") == b"the next"


def test_one_that_never_ends_is_ended() -> None:
    pool = Pool(ASTRAY, seconds=1)
    began = time.monotonic()
    with pytest.raises(BeyondLimitsError, match=r"SLW071.*too long"):
        pool.ask("spin", b"")
    assert time.monotonic() - began < 30
    assert pool._free == []


def test_a_refusal_keeps_its_words(pool: Pool) -> None:
    with pytest.raises(ValueError, match="invalid literal") as told:
        pool.ask("refuse", b"")
    assert not isinstance(told.value, BeyondLimitsError)


def test_it_learns_of_no_file_beyond_its_folder(pool: Pool, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "here").touch()
    (tmp_path / "out").touch()
    for asked, known in (
        ("here", b"True"),
        ("../out", b"False"),
        ("/etc/passwd", b"False"),
        (str(tmp_path / "in/here"), b"True"),
    ):
        assert pool.ask("ask", asked.encode(), tmp_path / "in") == known
    assert pool.ask("ask", b"here") == b"False"
    with pytest.raises(ValueError, match="no file is given"):
        pool.ask("take", b"/etc/passwd", tmp_path / "in")


LAUGHS = "<!DOCTYPE x [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(20)
) + "]><testsuite name='&u;'/>"  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        LAUGHS,
        "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><testsuite name='&a;'/>",
        "<testsuite>" * 300_000,
        "<testsuite>" * 50_000 + "</testsuite>" * 50_000,
        "<testsuite " + " ".join(f"a{n}='1'" for n in range(200_000)) + " a1='2'/>",
    ],
    ids=["laughs", "entity", "deep", "deep and closed", "attributes"],
)
def test_xml_made_to_exhaust_is_a_problem_of_its_report(text: str, tmp_path: Path) -> None:
    (tmp_path / "r.xml").write_text(text)
    (tmp_path / "s.xml").write_text("<testsuite><testcase name='honest'/></testsuite>")
    began = time.monotonic()
    report = reader.read(tmp_path, TestSpec(junit=("*.xml",)))
    assert time.monotonic() - began < 60
    assert report.problems
    assert "r.xml cannot be read" in report.problems[0]
    assert "passwd" not in str(report.cases)


def test_honest_reports_are_read_beside_each_other(tmp_path: Path) -> None:
    (tmp_path / "r.xml").write_text(
        "<testsuite><testcase name='a'/><testcase name='b'><failure/></testcase></testsuite>"
    )
    (tmp_path / "c.info").write_text("SF:src/a.py\nDA:1,1\nDA:2,0\nend_of_record\n")
    report = reader.read(tmp_path, TestSpec(junit=("*.xml",), coverage=("*.info",)))
    assert [(one.name, one.outcome) for one in report.cases] == [("a", "passed"), ("b", "failed")]
    assert (report.coverage_percent, report.problems) == (50.0, ())


def sarif(uri: str) -> bytes:
    place = {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": 3}}}
    result = {"ruleId": "R", "message": {"text": "m"}, "locations": [place]}
    run = {"tool": {"driver": {"name": "Tool"}}, "results": [result], "invocations": [{"executionSuccessful": True}]}
    return json.dumps({"version": "2.1.0", "runs": [run]}).encode()


def test_an_honest_report_of_another_scanner_is_read_the_same_apart(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.py").touch()
    data = sarif("file:///home/ci/checkout/src/a.py")
    [apart] = sarif_reader.read_apart(data, "r.sarif", tmp_path)
    assert [apart] == sarif_reader.read(data, "r.sarif", tmp_path)
    assert apart.findings[0].path == "src/a.py"


@pytest.mark.parametrize(
    "data",
    [b"[" * 5_000_000, b'{"a":' * 1_000_000, b'{"version": "2.1.0", "runs": [' + b"{}," * 100_000, b"1" * 1_000_000, b"\xff"],
    ids=["deep list", "deep object", "cut off", "a long number", "no text"],
)  # fmt: skip
def test_a_report_made_to_exhaust_closes_the_gate(data: bytes, tmp_path: Path) -> None:
    [report] = sarif_reader.read_apart(data, "r.sarif", tmp_path)
    assert report.state is ScanState.FAILED
    assert "r.sarif" in report.reason
