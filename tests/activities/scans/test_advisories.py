"""The database of vulnerabilities: made from exports, and read by trivy itself."""

import json
import random
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.scans.advisories import bbolt as bolt
from activities.scans.advisories import database, exports
from activities.scans.advisories.cvss_vectors import base_score
from domain.core.documents import Node
from domain.core.errors import SluicewayError
from domain.core.values import Json
from domain.scans import advisories
from domain.scans.findings.model import Severity
from tests.support.command_line import sluiceway

NOW = "2026-11-23T00:00:00Z"


def entry(id_: str, package: str, fixed: str = "2.0.0", ecosystem: str = "PyPI", **more: Json) -> dict[str, Json]:
    events = [{"introduced": "0"}, *([{"fixed": fixed}] if fixed else [])]
    affected: Json = {
        "package": {"ecosystem": ecosystem, "name": package},
        "ranges": [{"type": "ECOSYSTEM", "events": events}],
    }
    return {"id": id_, "summary": f"{package} is weak", "affected": [affected], **more}


HIGH: dict[str, Json] = {"severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}]}
KNOWN = [
    entry("GHSA-1", "Brook_Tools", aliases=["CVE-2099-1"]) | HIGH,
    entry("OSV-2", "eddy", fixed=""),
    entry("OSV-1", "brook"),
    *(entry(f"OSV-9{number}", f"package-{number}") for number in range(3_000)),
]
SOME = random.Random(3).sample(range(3_000), 40)
REQUIREMENTS = {
    "known/requirements.txt": "brook-tools==1.9\nbrook-tools-else==1.0\neddy==3.0\n",
    "repaired/requirements.txt": "brook-tools==2.0.0\n",
    "names/requirements.txt": "pond==1.0\n",
    "names/dev-requirements.txt": "brook==1.0\n",
    "names/requirements-test.txt": "brook==1.0\n",
    "big/requirements.txt": "".join(f"package-{number}==1.0\n" for number in SOME),
}
APART = {"loose": "brook==1.0\neddy>=2\n", "supplied": "brook==1.0\n"}
"""Folders whose verdict is looked at too."""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A home with one database, and a folder with all that trivy looks at: it does so once, as nothing changes."""
    folder = tmp_path_factory.mktemp("advisories")
    (folder / "osv.json").write_text(json.dumps(KNOWN))
    for name, text in REQUIREMENTS.items():
        (folder / "app" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "app" / name).write_text(text)
    for name, text in APART.items():
        (folder / name).mkdir()
        (folder / name / "requirements.txt").write_text(text)
    made = sluiceway("db", "build", "--osv", "osv.json", cwd=folder, env={"SLUICEWAY_HOME": str(folder / "home")})
    assert made.returncode == 0, made.stderr
    return folder


@pytest.fixture
def scan(place):
    """What trivy reports of one folder of requirements; those that lie together are scanned together, once."""

    def run(what: str, *more: str, code: int = 1) -> dict:
        command = ["scan", what if what in APART else "app", "-t", "trivy", "-f", "json", *more]
        done = sluiceway(*command, cwd=place, env={"SLUICEWAY_HOME": str(place / "home")})
        assert done.returncode == code, done.stdout + done.stderr
        report: dict = json.loads(done.stdout) if done.stdout else {"error": done.stderr, "findings": []}
        if what not in APART:
            report["findings"] = [one for one in report["findings"] if one["path"].startswith(f"{what}/")]
        return report

    return run


def test_trivy_finds_what_the_exports_say_at_its_line_and_not_what_is_mended(scan):
    report = scan("known")

    found = [(one["rule"], one["line"], one["severity"], one["fixed_in"]) for one in report["findings"]]
    assert sorted(found) == [("CVE-2099-1", 1, "critical", "2.0.0"), ("OSV-2", 3, "unknown", "")]
    assert report["scans"][0]["database_date"]
    assert report["scans"][0]["digests"]["database"]
    assert scan("repaired")["findings"] == []


def test_files_of_requirements_have_many_names(scan):
    report = scan("names")

    assert {one["path"] for one in report["findings"]} == {
        "names/dev-requirements.txt",
        "names/requirements-test.txt",
    }


@pytest.mark.system
def test_a_statement_of_the_supplier_lets_a_vulnerability_through(scan, tmp_path):
    one = {
        "vulnerability": {"name": "OSV-1"},
        "products": [{"@id": "pkg:pypi/brook"}],
        "status": "not_affected",
        "justification": "component_not_present",
    }
    document = {"@context": "https://openvex.dev/ns/v0.2.0", "author": "brook project", "statements": [one]}
    (tmp_path / "vex.json").write_text(json.dumps(document))
    report = scan("supplied", "--vex", str(tmp_path / "vex.json"), code=0)

    assert [(x["state"], x["status"]) for x in report["findings"]] == [
        ("suppressed", "not_affected: component_not_present (VEX of brook project)")
    ]
    (tmp_path / "vex.json").write_text("{}")
    assert "SLW855" in scan("supplied", "--vex", str(tmp_path / "vex.json"))["error"]


@pytest.mark.system
def test_a_requirement_without_an_exact_version_makes_the_scan_incomplete(scan):
    report = scan("loose")

    assert report["scans"][0]["status"] == "incomplete"
    assert "1 of 2 requirements" in report["scans"][0]["reason"]


def test_a_big_database_is_read_whole(scan):
    report = scan("big")

    assert {one["rule"] for one in report["findings"]} == {f"OSV-9{number}" for number in SOME}


@given(
    st.recursive(
        st.binary(max_size=3_000),
        lambda below: st.dictionaries(st.text(max_size=30), below, max_size=40),
        max_leaves=60,
    ).filter(lambda tree: isinstance(tree, dict))
)
def test_what_is_written_is_read_again(tmp_path_factory, tree):
    path = tmp_path_factory.mktemp("bolt") / "db"
    bolt.write(path, tree)

    assert read_bolt(path.read_bytes()) == tree


def read_bolt(data: bytes) -> dict:
    """A second reading of the format, by its own way: from the meta page down."""
    import struct

    root = struct.unpack_from("<Q", data, 16 + 16)[0]

    def page(number: int, at: int = -1) -> dict:
        start = at if at >= 0 else number * 4096
        _, flags, count, _ = struct.unpack_from("<QHHI", data_of(at), start)
        found: dict = {}
        for index in range(count):
            element = start + 16 + 16 * index
            if flags == 1:
                position, size, below = struct.unpack_from("<IIQ", data_of(at), element)
                found |= page(below)
                continue
            kind, position, size, length = struct.unpack_from("<IIII", data_of(at), element)
            key = data_of(at)[element + position : element + position + size].decode("utf-8", "surrogatepass")
            begin = element + position + size
            value = data_of(at)[begin : begin + length]
            if kind == 1:
                below = struct.unpack_from("<Q", value)[0]
                found[key] = page(below) if below else page(0, begin + 16)
            else:
                found[key] = value
        return found

    def data_of(at: int) -> bytes:
        return data

    return page(root)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda x: (
            st.lists(x)
            | st.dictionaries(
                st.sampled_from(
                    ["id", "affected", "package", "name", "ecosystem", "ranges", "events", "severity", "aliases"]
                ),
                x,
            )
        ),
    )
)
def test_any_json_is_an_advisory_or_is_refused(value):
    try:
        found = advisories.read(value, base_score)
    except (ValueError, TypeError, AttributeError):
        return
    assert found is None or found.affected


def test_withdrawn_advisories_and_unknown_ecosystems_are_left_out() -> None:
    assert advisories.read(entry("OSV-1", "brook", withdrawn="2026-01-01"), base_score) is None
    assert advisories.read(entry("OSV-1", "brook", ecosystem="Elsewhere"), base_score) is None


def test_the_worst_severity_of_two_sources_counts_and_aliases_are_one(tmp_path):
    (tmp_path / "a.json").write_text(
        json.dumps(
            [
                entry("GHSA-1", "brook", aliases=["CVE-1"], database_specific={"severity": "MODERATE"}),
                entry("PYSEC-1", "brook", aliases=["CVE-1"], database_specific={"severity": "HIGH"}),
            ]
        )
    )
    made = database.build([tmp_path / "a.json"], tmp_path / "cache", NOW)
    known = read_bolt((tmp_path / "cache" / "db" / "trivy.db").read_bytes())

    assert made.advisories == 2
    assert list(known["vulnerability"]) == ["CVE-1"]
    assert json.loads(known["vulnerability"]["CVE-1"])["Severity"] == "HIGH"


def test_zip_files_and_folders_are_read_and_a_bomb_is_refused(tmp_path, monkeypatch):
    with zipfile.ZipFile(tmp_path / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../OSV-1.json", json.dumps(entry("OSV-1", "brook")))
        archive.writestr("notes.txt", "no advisory")
    assert [Node(one)["id"].text() for _, one in exports.entries(tmp_path / "all.zip")] == ["OSV-1"]
    monkeypatch.setattr(exports, "MAX_ENTRY_BYTES", 1_000)
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("OSV-1.json", b"[" + b" " * 100_000 + b"]")

    with pytest.raises(SluicewayError) as refused:
        list(exports.entries(tmp_path / "bomb.zip"))
    assert refused.value.code == "SLW834"


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'"text"', b"[1, 2]", b"PK\x03\x04broken"])
def test_what_holds_no_advisory_is_refused_with_a_reason(tmp_path, data):
    (tmp_path / "x.json").write_bytes(data)
    with pytest.raises(SluicewayError) as refused:
        database.build([tmp_path / "x.json"], tmp_path / "cache", NOW)

    assert refused.value.code in ("SLW834", "SLW835")
    assert refused.value.why


def test_unknown_severities_stay_unknown() -> None:
    found = advisories.read(entry("OSV-1", "brook"), base_score)

    assert found is not None
    assert found.severity is Severity.UNKNOWN


def test_times_in_yaml_are_texts_and_keep_no_advisory_of_go_out(tmp_path):
    (tmp_path / "GO-1.yaml").write_text(
        "id: GO-1\nmodified: 2024-05-06T07:08:09Z\npublished: 2024-05-06 01:02:03\naffected:\n"
        "- package: {ecosystem: Go, name: example.org/weak}\n  ranges: [{type: SEMVER, events: [{introduced: 0}]}]\n"
    )
    ((_, told),) = exports.entries(tmp_path)
    found = advisories.read(told, base_score)
    assert found is not None
    assert (found.modified, found.published) == ("2024-05-06T07:08:09Z", "2024-05-06T01:02:03")
    assert found.affected[0].vulnerable == (">=0",)
    assert database.build([tmp_path / "GO-1.yaml"], tmp_path / "made", NOW).skipped == []
    assert json.loads((tmp_path / "made" / "go" / "ID" / "GO-1.json").read_text())["id"] == "GO-1"
