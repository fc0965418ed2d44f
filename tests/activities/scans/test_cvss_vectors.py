"""Scores of vectors of every version of CVSS, and what an advisory makes of them."""

import hashlib
import json
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.scans.advisories import database
from activities.scans.advisories.cvss_vectors import base_score
from domain.scans import advisories
from domain.scans.advisories import CvssVersion
from domain.scans.findings.model import Severity
from tests.activities.scans.test_advisories import NOW, entry, read_bolt

V2 = "AV:N/AC:L/Au:N/C:C/I:C/A:C"
V3 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N"
V4 = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H"
BASE_METRICS_3 = {"AV": "NALP", "AC": "LH", "PR": "NLH", "UI": "NR", "S": "UC", "C": "HLN", "I": "HLN", "A": "HLN"}


@pytest.mark.parametrize(
    ("vector", "score"),
    [
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8),
        (V3, 6.1),
        ("CVSS:3.0/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", 7.8),
        ("CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:N/I:N/A:L", 3.7),
        ("CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:N", 0.0),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 10.0),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:P/RL:O/", 9.8),
    ],
)
def test_scores_of_version_3_are_those_of_the_calculator_of_first_org(vector, score):
    assert base_score(CvssVersion.V3, vector) == score


def test_every_vector_of_version_3_has_the_score_that_the_equations_of_first_org_give() -> None:
    """The digest is of our own implementation of the equations, from before the library was used."""
    chosen = [
        f"CVSS:3.{minor}/{'/'.join(f'{metric}:{value}' for metric, value in zip(BASE_METRICS_3, values, strict=True))}"
        for minor in "01"
        for values in product(*BASE_METRICS_3.values())
    ]
    scores = " ".join(str(base_score(CvssVersion.V3, vector)) for vector in chosen)

    assert len(chosen) == 5_184
    assert (
        hashlib.sha256(scores.encode()).hexdigest()
        == "e63839ddbf3f139d523181cc49e47ef6512deacea443d3df252ed6d1deb97442"
    )


@pytest.mark.parametrize(
    ("vector", "score"),
    [
        ("AV:N/AC:L/Au:N/C:N/I:N/A:C", 7.8),  # CVE-2002-0392
        (V2, 10.0),  # CVE-2003-0818
        ("AV:L/AC:H/Au:N/C:C/I:C/A:C", 6.2),  # CVE-2003-0062
    ],
)
def test_scores_of_version_2_are_those_of_the_guide_of_first_org(vector, score):
    assert base_score(CvssVersion.V2, vector) == score


@pytest.mark.parametrize(
    ("vector", "score"),
    [
        ("CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 7.3),  # CVE-2022-41741
        ("CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:P/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 7.7),  # CVE-2020-3549
        ("CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:N/VC:H/VI:L/VA:L/SC:N/SI:N/SA:N", 8.3),  # CVE-2023-3089
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:A/VC:N/VI:N/VA:N/SC:L/SI:L/SA:N", 5.1),  # CVE-2022-21830
        (V4, 10.0),  # CVE-2021-44228
    ],
)
def test_scores_of_version_4_are_those_of_the_examples_of_first_org(vector, score):
    assert base_score(CvssVersion.V4, vector) == score


@given(st.sampled_from(CvssVersion), st.sampled_from(["", "CVSS:3.1/", "CVSS:4.0/"]), st.text())
def test_what_is_not_a_vector_is_refused(version, head, text):
    with pytest.raises(ValueError, match="vector"):
        base_score(version, f"{head}x{text}")


def scored(*vectors: tuple[str, str]) -> advisories.Advisory:
    severity = [{"type": kind, "score": vector} for kind, vector in vectors]
    found = advisories.read(entry("OSV-1", "brook", severity=severity), base_score)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("vectors", "severity"),
    [
        ([("CVSS_V4", V4)], Severity.CRITICAL),
        ([("CVSS_V2", V2)], Severity.HIGH),  # version 2 has no critical
        ([("CVSS_V2", V2), ("CVSS_V4", V4), ("CVSS_V3", V3)], Severity.MEDIUM),
        ([("CVSS_V3", "CVSS:3.1/nonsense"), ("CVSS_V4", V4)], Severity.CRITICAL),
        ([("CVSS_V3", "CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:N")], Severity.UNKNOWN),
        ([("Ubuntu", "high")], Severity.UNKNOWN),
    ],
)
def test_version_3_rates_an_advisory_then_4_then_2(vectors, severity):
    assert scored(*vectors).severity is severity


def test_the_highest_score_of_a_version_is_kept() -> None:
    higher = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"

    assert [one.vector for one in scored(("CVSS_V3", V3), ("CVSS_V3", higher)).scores] == [higher]


def test_the_database_has_the_vectors_of_every_version(tmp_path):
    severity = [{"type": "CVSS_V2", "score": V2}, {"type": "CVSS_V3", "score": V3}, {"type": "CVSS_V4", "score": V4}]
    (tmp_path / "a.json").write_text(json.dumps([entry("OSV-1", "brook", severity=severity)]))
    database.build([tmp_path / "a.json"], tmp_path / "cache", NOW)
    known = read_bolt((tmp_path / "cache" / "db" / "trivy.db").read_bytes())["vulnerability"]["OSV-1"]

    assert json.loads(known)["CVSS"]["osv"] == {
        "V2Vector": V2,
        "V2Score": 10.0,
        "V3Vector": V3,
        "V3Score": 6.1,
        "V40Vector": V4,
        "V40Score": 10.0,
    }
