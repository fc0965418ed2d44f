"""Images in runs: built, pushed to a real registry, scanned as they were built, and signed for."""

import json
import os
import subprocess
import time
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from activities.core import serialization as serial
from activities.releases.routers.traefik.process import loopback
from activities.supply_chain.attestations import Attestor
from activities.supply_chain.oci_registry import MANIFEST, Registry
from activities.supply_chain.signing import FileSigner, valid
from domain.core.documents import Node, Object
from domain.core.errors import SluicewayError
from domain.scans.findings.model import ScanReport
from domain.supply_chain import attestation
from pipeline_defs.policy.model import Policy
from tests.support.advisories import ADVISORY, learn
from tests.support.command_line import sluiceway
from tests.support.lab import Lab
from tests.support.programs import need
from workers.core.settings import Settings
from workflows.runs.messages import RunResult

pytestmark = pytest.mark.docker
DOCKERFILE = """FROM {image}
COPY os-release /etc/os-release
COPY METADATA /app/brook-1.0.dist-info/METADATA
"""
FILES = {
    "os-release": 'ID=debian\nVERSION_ID="12"\n',
    "METADATA": "Metadata-Version: 2.1\nName: brook\nVersion: 1.0\n",
}
JOBS = """jobs:
  image:
    build: {{image: {{tag: "{tag}", push: {push}}}}}
  s:
    needs: image
    scan: {{image: "${{{{ needs.image.outputs.digest }}}}"}}
  g:
    needs: s
    gate: {{fail-on: {fail_on}}}
"""


@pytest.fixture(scope="module")
async def lab(temporal_address, tmp_path_factory, registry):
    """With a database of vulnerabilities, and registries of this machine; one for all tests here."""
    folder = tmp_path_factory.mktemp("images")
    learn(folder / "home", ADVISORY)
    async with Lab.on(temporal_address, folder, registries=f"{registry}; 127.0.0.1:1") as made:
        yield made


class Images:
    def __init__(self, lab: Lab, image: str) -> None:
        self.lab, self.files = lab, {**FILES, "Dockerfile": DOCKERFILE.format(image=image)}

    async def run(self, tag: str, push: str = "false", fail_on: str = "never"):
        run = await self.lab.start(JOBS.format(tag=tag, push=push, fail_on=fail_on), self.files, branch="main")
        result = await self.lab.result(run)
        return result, {row["job"]: json.loads(row["result"]) for row in self.lab.records.runs.jobs(run)}

    def statement(self, kind: str, digest: str) -> Object:
        attestor = Attestor(
            FileSigner(self.lab.settings.signing_key), self.lab.records.attestations, self.lab.wired.store
        )
        return attestor.statement(kind, digest.rpartition("sha256:")[2])


@dataclass(frozen=True)
class Pushed:
    """A run that has built, pushed and scanned an image: most tests here look at it, each from another side."""

    images: Images
    result: RunResult
    jobs: dict[str, Any]

    @property
    def digest(self) -> str:
        return str(self.jobs["image"]["outputs"]["digest"])

    @property
    def reference(self) -> str:
        return str(self.jobs["image"]["outputs"]["reference"])


@pytest.fixture(scope="module")
async def pushed(lab, shell_image, registry):
    lenient = Policy.model_validate(
        {"apiVersion": "sluiceway/v1", "kind": "Policy", "name": "lenient", "gate": {"fail-on": "critical"}}
    )
    lab.registrar.policy("lenient", lenient.model_dump(mode="json"))
    images = Images(lab, shell_image)
    return Pushed(images, *await images.run(f"{registry}/team/brook:1", push="true"))


async def test_an_image_is_scanned_as_it_was_built_and_signed_for_by_its_digest(lab, pushed):
    report = serial.load(ScanReport, lab.wired.store.get(pushed.jobs["s"]["report"]))

    assert pushed.result.status == "passed", pushed.result.reason
    assert "OSV-1" in {one.rule for one in report.findings}
    assert report.images["image"] == pushed.digest.removeprefix("sha256:")
    assert not any(str(lab.settings.home) in one.path for one in report.findings)
    for kind in attestation.KINDS:
        assert pushed.images.statement(kind, pushed.digest)["predicateType"] == kind
    said = Node(pushed.images.statement(attestation.PROVENANCE, pushed.digest))["predicate"]
    assert said.at("runDetails", "metadata", "invocationId").text().endswith("/image/1")
    assert len(said.at("buildDefinition", "resolvedDependencies").first().at("digest", "gitCommit").text()) == 40
    assert (
        datetime.fromisoformat(said.at("runDetails", "metadata", "startedOn").text()).timestamp() > time.time() - 3_600
    )


async def test_a_pushed_image_has_the_registrys_digest_and_is_signed_for_under_it(pushed, registry):
    assert pushed.result.status == "passed", pushed.result.reason
    assert pushed.reference.startswith(f"{registry}/team/brook@sha256:")
    assert pushed.images.statement(attestation.PROVENANCE, pushed.reference)
    scanned = Node(pushed.images.statement(attestation.SCAN, pushed.reference))
    assert scanned.at("predicate", "tools").first()["status"].text() == "complete"


async def test_a_gate_closes_for_what_is_in_an_image(lab, shell_image):
    images = Images(lab, shell_image)
    result, jobs = await images.run("sluiceway-test/brook:2", fail_on="low")

    assert result.stopped_by == "g"
    assert (
        Node(images.statement(attestation.GATE, jobs["image"]["outputs"]["digest"])).at("predicate", "passed").value
        is False
    )


async def test_a_push_that_is_refused_fails_the_build(lab, shell_image):
    result, _ = await Images(lab, shell_image).run("127.0.0.1:1/brook:1", push="true")

    assert "SLW840" in result.reason


async def test_an_unchanged_image_is_not_scanned_again_and_its_evidence_is_whole(lab, pushed):
    text = JOBS[: JOBS.index("  image:")] + f'  s:\n    scan: {{image: "{pushed.digest}"}}\n'
    run = await lab.start(text, branch="main")
    await lab.result(run)
    second = json.loads(lab.records.runs.jobs(run)[0]["result"])
    (tool,) = serial.load(ScanReport, lab.wired.store.get(second["report"])).tools

    assert tool.cached
    assert lab.wired.store.has(tool.output)
    assert second["artifacts"]["sbom"] == pushed.jobs["s"]["artifacts"]["sbom"]


async def test_verify_says_what_is_signed_about_an_image_and_nothing_else_counts(lab, pushed, shell_image):
    reference, digest = pushed.reference, pushed.digest
    by_name, by_digest, stranger = (verify(lab.settings, name) for name in (reference, digest, shell_image))
    known_as, attestations = reference.rpartition(":")[2], lab.records.attestations
    ours = attestations.get(known_as, attestation.GATE)
    attestations.save(known_as, attestation.GATE, attestations.get(digest[7:], attestation.SCAN))
    forged = verify(lab.settings, reference)
    attestations.save(known_as, attestation.GATE, ours)

    assert (by_name.returncode, by_digest.returncode, stranger.returncode, forged.returncode) == (0, 0, 1, 1)
    assert "/image/1 from" in by_name.stdout
    assert "trivy-image" in by_name.stdout
    assert "unsigned" in stranger.stdout
    assert "it is about something else" in forged.stdout


async def test_on_another_machine_the_registry_and_the_public_key_are_enough(lab, pushed, tmp_path):
    reference = pushed.reference
    (tmp_path / "ours.pub").write_bytes(FileSigner(lab.settings.signing_key).public_key())
    (tmp_path / "theirs.pub").write_bytes(FileSigner.made(tmp_path / "other.pem").public_key())
    elsewhere = replace(lab.settings, home=tmp_path / "elsewhere")
    good, bad = (verify(elsewhere, reference, "--key", str(tmp_path / f"{who}.pub")) for who in ("ours", "theirs"))

    assert (good.returncode, bad.returncode) == (0, 1), good.stdout + good.stderr
    assert "nothing signed by this key" in bad.stdout


async def test_signatures_are_stored_as_cosign_does_and_signing_again_changes_nothing(lab, pushed, registry):
    signer, reference = FileSigner(lab.settings.signing_key), pushed.reference
    name, _, digest = reference.partition("@sha256:")
    Registry(reference).sign(signer)
    base = f"http://{registry}/v2/{name.partition('/')[2]}"
    async with loopback() as client:
        manifest = (await client.get(f"{base}/manifests/sha256-{digest}.sig", headers={"Accept": MANIFEST})).json()
        (layer,) = manifest["layers"]
        payload = (await client.get(f"{base}/blobs/{layer['digest']}")).content

    assert valid(signer.public_key(), layer["annotations"]["dev.cosignproject.cosign/signature"], payload)
    assert json.loads(payload)["critical"]["image"]["docker-manifest-digest"] == f"sha256:{digest}"


async def test_what_a_registry_answers_is_not_believed(registry):
    """Nothing there, nobody there, and something that is no registry."""
    assert Registry(f"{registry}/nobody/x@sha256:{'0' * 64}").statements() == []
    for host in ("127.0.0.1:1", "localhost:1"):
        with pytest.raises(SluicewayError, match="SLW838"):
            Registry(f"{host}/x@sha256:{'0' * 64}").statements()
    with pytest.raises(SluicewayError, match="by digest"):
        Registry(f"{registry}/x:1")


def verify(settings: Settings, *arguments: str):
    return sluiceway("verify", *arguments, cwd=settings.home.parent, env={"SLUICEWAY_HOME": str(settings.home)})


async def test_an_image_that_nobody_has_is_a_failed_scan(lab, daemon):
    result, _ = await lab.run("jobs:\n  s:\n    scan: {image: '127.0.0.1:1/none:1'}\n")

    assert "SLW848" in result.reason


@pytest.mark.heavy
async def test_real_cosign_accepts_the_signature_and_the_origin(lab, pushed, tmp_path):
    cosign = need("cosign", "make test-heavy builds it")
    reference, key = pushed.reference, tmp_path / "signing.pub"
    key.write_bytes(FileSigner(lab.settings.signing_key).public_key())

    def accepts(public: Path, *command: str) -> bool:
        options = ["--key", str(public), "--insecure-ignore-tlog", "--allow-http-registry", reference]
        env = {"HOME": str(tmp_path), "PATH": os.defpath}
        return subprocess.run([cosign, *command, *options], env=env, capture_output=True, check=False).returncode == 0

    other = tmp_path / "other.pub"
    other.write_bytes(FileSigner.made(tmp_path / "other.pem").public_key())
    assert accepts(key, "verify")
    assert accepts(key, "verify-attestation", "--type", "slsaprovenance1")
    assert accepts(key, "verify-attestation", "--type", "https://sluiceway.dev/gate/v1")
    assert not accepts(other, "verify")
    assert not accepts(other, "verify-attestation", "--type", "slsaprovenance1")
