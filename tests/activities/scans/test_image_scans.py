"""Images as files: what is in them is found, and what cannot be read is never silently clean."""

import asyncio
import io
import json
import os
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

from activities.docker import images
from activities.scans.port import Target
from activities.scans.running.scan_runner import Scanning
from activities.scans.scanners.trivy.trivy import TrivyImage
from domain.scans.findings.model import ScanState, ToolReport
from tests.corpus import samples
from tests.corpus.samples import SECRET
from tests.support.advisories import ADVISORY, learn
from tests.support.command_line import sluiceway
from tests.support.images import BROOK, DEBIAN, docker_archive, oci_layout
from tests.support.programs import need
from workers.core import settings

JAR = io.BytesIO()
with zipfile.ZipFile(JAR, "w") as _archive:
    _archive.writestr(zipfile.ZipInfo("a/B.class"), b"\xca\xfe\xba\xbe")
WEAK = {**BROOK, "app/settings.py": f'API_TOKEN = "{SECRET}"\n'.encode(), "app/unknown.jar": JAR.getvalue()}
"""A package with a known weakness, a secret, and an archive of Java that nobody knows."""


@pytest.fixture
def scan(tmp_path, one_look):
    """The command, in a home that knows of one weakness."""
    learn(tmp_path / "home", ADVISORY)

    def run(path: object, *more: str, code: int | None = None) -> dict:
        env = {"SLUICEWAY_HOME": str(tmp_path / "home")}
        done = sluiceway("scan", path, *(more or ("-f", "json")), cwd=tmp_path, env=env)
        assert code is None or done.returncode == code, done.stdout + done.stderr
        return json.loads(done.stdout) if done.stdout.startswith("{") else {}

    return run


async def test_images_that_are_looked_at_at_once_do_not_wait_for_one_another(scan, tmp_path):
    """The first test of the file, which the next ones take their looks from; two are enough to meet a lock."""
    paths = [make(tmp_path / make.__name__, DEBIAN, WEAK) for make in (docker_archive, oci_layout)]
    scanner = TrivyImage(settings.load().tools, tmp_path / "home" / "trivy")

    async def look(path: Path) -> ToolReport:
        target = Target(path.resolve())
        return (await Scanning({"i": scanner}).scan(["i"], target, tmp_path / f"s-{path.stem}", path.stem, 100))[0]

    reports = await asyncio.gather(*map(look, paths))

    assert [one.state for one in reports] == [ScanState.COMPLETE] * 2, [one.reason for one in reports]
    assert all("OSV-1" in {found.rule for found in one.findings} for one in reports)


@pytest.mark.parametrize("make", [docker_archive, oci_layout])
def test_a_vulnerable_package_in_any_layer_is_found(scan, tmp_path, make):
    image = make(tmp_path / "image", DEBIAN, WEAK)
    report = scan(image, "--image", "-f", "json", code=1)

    (tool,) = report["scans"]
    assert (tool["tool"], tool["status"], tool["files"]) == ("trivy-image", "complete", 2)
    assert "OSV-1" in {one["rule"] for one in report["findings"]}
    assert scan(image, "--image", "-f", "json")["scans"][0]["cached"]


def test_a_folder_does_not_say_by_itself_that_it_is_an_image(scan, tmp_path, recorded_scanners):
    """Else two files of a repository would switch every other scanner off."""
    image = oci_layout(tmp_path / "image", DEBIAN)
    (image / "a.py").write_text(samples.WEAK)
    report = scan(image, "-t", "bandit", "-f", "json", code=1)

    assert "B605" in {one["rule"] for one in report["findings"]}


def test_what_is_no_image_is_an_error_when_it_is_said_to_be_one(scan, tmp_path):
    (tmp_path / "text").write_text("text")
    scan(tmp_path / "text", "--image", code=1)


def test_a_secret_in_an_image_is_found_and_not_shown(scan, tmp_path):
    report = scan(docker_archive(tmp_path / "image.tar", DEBIAN, WEAK), code=1)

    assert "secret" in {one["kind"] for one in report["findings"]}
    assert SECRET not in json.dumps(report)


def test_an_image_in_which_nothing_is_known_is_incomplete(scan, tmp_path):
    report = scan(docker_archive(tmp_path / "image.tar", {"app/run": b"\x7fELF"}), code=1)

    assert report["scans"][0]["status"] == "incomplete"
    assert "no operating system" in report["scans"][0]["reason"]


def test_the_bill_of_materials_names_the_packages(scan, tmp_path):
    from cyclonedx.schema import SchemaVersion  # they load a grammar for a second
    from cyclonedx.validation.json import JsonStrictValidator

    made = scan(docker_archive(tmp_path / "image.tar", DEBIAN, WEAK), "-f", "cyclonedx", "--fail-on", "never")

    version = SchemaVersion.from_version(made["specVersion"])
    assert JsonStrictValidator(version).validate_str(json.dumps(made)) is None
    assert {"openssl", "brook"} <= {one["name"] for one in made["components"]}


def test_there_is_one_in_spdx_too(scan, tmp_path):
    made = scan(docker_archive(tmp_path / "image.tar", DEBIAN, WEAK), "-f", "spdx", "--fail-on", "never")

    assert made["spdxVersion"] == "SPDX-2.3"
    assert {"openssl", "brook"} <= {one["name"] for one in made["packages"]}


@pytest.mark.system
def test_a_broken_image_is_a_failed_scan(scan, tmp_path):
    whole = docker_archive(tmp_path / "image.tar", DEBIAN).read_bytes()
    with tarfile.open(tmp_path / "broken.tar", "w") as archive:
        entry = tarfile.TarInfo("manifest.json")
        entry.size = 4
        archive.addfile(entry, __import__("io").BytesIO(b"[{}]"))
    report = scan(tmp_path / "broken.tar", code=1)

    assert report["scans"][0]["status"] in ("failed", "incomplete")
    assert images.is_image(tmp_path / "image.tar")
    (tmp_path / "cut.tar").write_bytes(whole[: len(whole) // 2])
    assert not images.is_image(tmp_path / "cut.tar")


@pytest.mark.parametrize("data", [b"", b"text", b"\x00" * 5_000, b"PK\x03\x04"])
def test_other_files_are_no_images(tmp_path, data):
    (tmp_path / "x.tar").write_bytes(data)

    assert not images.is_image(tmp_path / "x.tar")
    assert not images.is_image(tmp_path)
    assert not images.is_image(tmp_path / "nowhere")


def test_a_name_that_is_neither_path_nor_image_is_an_error_with_a_fix(no_daemon, scan):
    scan("no-such-image:1", code=1)


@pytest.fixture
def jailed(tmp_path):
    """A process whose root is a folder with packages, and with files that would switch trivy off."""
    busybox = need("busybox", "a process needs a program in its root")
    if os.geteuid():
        pytest.skip("only root changes the root of a process")
    root = tmp_path / "root"
    off = {".trivyignore": b"OSV-1\n", "trivy.yaml": b"scan:\n  skip-dirs: ['**']\n"}
    for name, data in {**DEBIAN, **BROOK, **off, "bin/busybox": Path(busybox).read_bytes()}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    (root / "bin" / "busybox").chmod(0o755)
    with subprocess.Popen(["chroot", str(root), "/bin/busybox", "sleep", "600"]) as process:
        yield process.pid
        process.kill()


def test_what_a_running_process_sees_is_looked_at(scan, jailed):
    report = scan(str(jailed), "--pid", "-f", "json", code=1)

    assert [(one["tool"], one["status"]) for one in report["scans"]] == [("trivy-root", "complete")]
    assert "OSV-1" in {one["rule"] for one in report["findings"]}
    assert not [one for one in report["findings"] if "/proc/" in one["path"]]


@pytest.mark.parametrize(("what", "code"), [("2147483647", 1), ("web", 2), ("../1", 2)])
def test_a_process_that_is_not_there_is_an_error(scan, what, code):
    scan(what, "--pid", code=code)


def test_an_archive_of_java_that_nobody_knows_does_not_end_the_scan(scan, tmp_path):
    report = scan(docker_archive(tmp_path / "image.tar", DEBIAN, WEAK), "-f", "json", code=1)

    assert report["scans"][0]["status"] == "complete", report["scans"]
    assert "OSV-1" in {one["rule"] for one in report["findings"]}


@pytest.mark.system
def test_an_image_in_a_registry_is_looked_at_without_a_daemon(scan, tmp_path, daemon, registry, monkeypatch):
    name = f"{registry}/team/brook"
    image = daemon.images.load(docker_archive(tmp_path / "image.tar", DEBIAN, WEAK).read_bytes())[0]
    image.tag(name, "1")
    daemon.images.push(name, "1")
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere")
    report = scan(f"{name}:1", "--registry", "-f", "json", code=1)

    assert [(one["tool"], one["status"]) for one in report["scans"]] == [("trivy-registry", "complete")]
    assert "OSV-1" in {one["rule"] for one in report["findings"]}
    assert scan(f"{registry}/team/nobody:1", "--registry", "-f", "json", code=1)["scans"][0]["status"] == "failed"
    scan("../x", "--registry", code=2)
