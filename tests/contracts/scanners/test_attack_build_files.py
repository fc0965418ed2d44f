"""A build file is one whatever its name: trivy reads it, or its scan is incomplete."""

from uuid import uuid4

import pytest

from activities.core.port import Completed
from activities.scans.port import Target
from activities.scans.running.scan_runner import Scanning
from activities.scans.scanners.registry import scanners
from activities.scans.scanners.trivy.trivy import Trivy
from domain.scans.findings.model import ScanState
from workers.core import settings

WEAK = "FROM debian:latest\nUSER root\n"
NAMES = (
    *("Dockerfile", "a/dockerfile", "b/DOCKERFILE", "Containerfile", "web.dockerfile", "Dockerfile.prod"),
    *("Dockerfile-prod", "prod_Dockerfile", "c/Containerfile.dev", ".d/Dockerfile", "node_modules/x/Dockerfile"),
)
POD = """apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  containers: [{name: a, image: x, securityContext: {privileged: true}}]
"""


async def test_a_build_file_and_a_workload_are_read_under_each_of_their_names(tmp_path):
    pods = ("pod.yaml", "pod.yml", ".k/pod.yaml")
    for name, text in {**dict.fromkeys(NAMES, WEAK), **dict.fromkeys(pods, POD), "build-dockerfile": "echo\n"}.items():
        (tmp_path / "t" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "t" / name).write_text(text)
    scanning = Scanning(scanners(settings.load().tools))

    (report,) = await scanning.scan(["trivy"], Target((tmp_path / "t").resolve()), tmp_path / "s", uuid4().hex, 100)

    assert report.state is ScanState.COMPLETE, report.reason
    assert {one.path for one in report.findings} == {*NAMES, *pods}


@pytest.mark.parametrize("name", NAMES)
def test_a_build_file_that_is_not_in_the_report_was_not_scanned(tmp_path, monkeypatch, name):
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text(WEAK)
    (tmp_path / "report.json").write_text('{"SchemaVersion": 2, "Trivy": {"Version": "1"}, "Results": []}')
    monkeypatch.setattr(Trivy, "_documents", lambda self, scratch: {})

    found = Trivy(tmp_path).parse(tmp_path, tmp_path, Completed(0, b""))

    assert found.gap() == f"1 file was not scanned: {name}"


BUCKET = """#tfsec:ignore:*
resource "aws_s3_bucket" "b" { # Trivy:ignore:*
  #trivy:ignore:AWS-0092
  acl = "public-read" #tfsec:ignore:aws-s3-no-public-access-with-acl
}
"""
SILENCED = {
    "main.tf": BUCKET,
    "Dockerfile": "#trivy:ignore:DS-0001\nFROM debian:latest\n#trivy:ignore:DS-0002\nUSER root\n",
    "pod.yaml": "#trivy:ignore:KSV-0017\n" + POD,
}


@pytest.mark.system
async def test_no_comment_silences_trivy(tmp_path):
    plain = {"main.tf": BUCKET.replace(":ignore", "_ignore"), "Dockerfile": WEAK, "pod.yaml": POD}
    scanning = Scanning(scanners(settings.load().tools))
    found = []
    for name, texts in (("silenced", SILENCED), ("plain", plain)):
        (tmp_path / name).mkdir()
        for file, text in texts.items():
            (tmp_path / name / file).write_text(text)
        target = Target((tmp_path / name).resolve())
        (report,) = await scanning.scan(["trivy"], target, tmp_path / f"s-{name}", uuid4().hex, 100)
        assert report.state is ScanState.COMPLETE, report.reason
        found.append(sorted((one.path, one.rule) for one in report.findings))

    assert found[0] == found[1]
    assert {path for path, _ in found[0]} == set(SILENCED)
    assert (tmp_path / "silenced" / "main.tf").read_text() == BUCKET


@pytest.mark.parametrize(
    ("name", "checked"), [("b.js", False), ("Dockerfile.py", True), ("x.Containerfile.js", True), ("b.yml", True)]
)
async def test_configurations_are_checked_unless_there_is_nothing_but_code(tmp_path, monkeypatch, name, checked):
    asked: list[str] = []

    async def run(command, **rest) -> Completed:
        asked.extend(command)
        return Completed(1, b"")

    monkeypatch.setattr("activities.core.process.run", run)
    for path in ("t/a.py", f"t/{name}", "s/a"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text("")

    await Trivy(tmp_path).run(tmp_path / "t", tmp_path / "s", "key", 10)

    assert ("misconfig" in asked[asked.index("--scanners") + 1]) is checked
