"""Scores and catalogs as they are published become risks by CVE; anything else is an error that says so."""

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.scans.advisories import risk
from domain.core.errors import SluicewayError
from domain.scans.findings.model import Finding, FindingKind, Severity
from domain.scans.findings.risk import Risk, names, rated

EPSS = (
    "#model_version:v2026.01.01,score_date:2026-11-22\ncve,epss,percentile\nCVE-2021-1,0.1,0.2\nCVE-2021-44228,0.97,1\n"
)
KEV = {"title": "catalog", "vulnerabilities": [{"cveID": "CVE-2021-44228"}, {"cveID": "CVE-2020-0001"}]}
EPSS = EPSS.replace("CVE-2021-1,", "CVE-2021-10001,")


@pytest.fixture
def files(tmp_path):
    (tmp_path / "epss.csv.gz").write_bytes(gzip.compress(EPSS.encode()))
    (tmp_path / "kev.json").write_text(json.dumps(KEV))
    return tmp_path


def vulnerability(rule: str, *aliases: str) -> Finding:
    return Finding(
        tool="trivy", rule=rule, kind=FindingKind.VULNERABILITY, severity=Severity.UNKNOWN, message="", aliases=aliases
    )


def test_a_vulnerability_is_rated_under_any_of_its_names(files):
    assert risk.build(files / "epss.csv.gz", files / "kev.json", files) == 3
    found = [vulnerability("GHSA-1", "CVE-2021-44228"), vulnerability("CVE-2020-0001"), vulnerability("OSV-1")]
    known = risk.lookup(files, names(found))
    log4j, exploited, nothing = rated(found, known)

    assert (log4j.epss, log4j.kev) == (0.97, True)
    assert (exploited.epss, exploited.kev) == (0.0, True)
    assert nothing == found[2]


def test_without_a_file_nothing_is_known(tmp_path):
    assert risk.lookup(tmp_path, ["CVE-2021-44228"]) == {}
    assert risk.lookup(None, ["CVE-2021-44228"]) == {}


@given(st.dictionaries(st.integers(1000, 99999), st.floats(0, 1), max_size=1200))
def test_every_score_is_found_again(tmp_path_factory, scores):
    folder = tmp_path_factory.mktemp("risks")
    (folder / "e.csv").write_text("cve,epss\n" + "".join(f"CVE-2020-{n},{s!r}\n" for n, s in scores.items()))
    risk.build(folder / "e.csv", None, folder)

    assert risk.lookup(folder, [f"CVE-2020-{n}" for n in scores]) == {
        f"CVE-2020-{n}": Risk(s) for n, s in scores.items()
    }


HOSTILE = [
    b"",
    b"\xff\xfe",
    b"cve,epss\nCVE-1,2\n",
    b"cve,epss\nCVE-2021-44228,nan\n",
    b"{}",
    b"[" * 5_000,
    b"[1]",
    b'{"vulnerabilities":[{"cveID":"x"}]}',
]


@pytest.mark.parametrize("data", HOSTILE)
@pytest.mark.parametrize("kind", ["epss", "kev"])
def test_what_is_no_list_of_risks_is_an_error_and_what_was_known_stays(files, data, kind):
    risk.build(files / "epss.csv.gz", None, files)
    (files / "bad").write_bytes(data)
    given_ = (files / "bad", None) if kind == "epss" else (None, files / "bad")
    with pytest.raises(SluicewayError, match="SLW856"):
        risk.build(given_[0], given_[1], files)

    assert risk.lookup(files, ["CVE-2021-44228"])


def test_a_file_that_is_said_to_be_compressed_and_is_not_is_an_error(tmp_path):
    (tmp_path / "e.csv.gz").write_bytes(b"cve,epss\n")
    with pytest.raises(SluicewayError, match="SLW856"):
        risk.build(tmp_path / "e.csv.gz", None, tmp_path)
