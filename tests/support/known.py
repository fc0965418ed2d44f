"""A repository, an installation and its people, as far as baselines need them: no engine, no scanners."""

from __future__ import annotations

import base64
import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from activities.access.identity_store import Identity
from activities.authority.public_keys import remember
from activities.core import serialization as serial
from activities.jobs.port import JobInput
from activities.scans.baselines.baselines import Scanned
from activities.scans.baselines.signed_baseline_store import SignedBaselineRecord
from activities.scans.baselines.signed_baselines import signed
from activities.scans.secret_hashing import installation_key
from activities.source import git
from activities.source.mirrors import Mirrors
from activities.storage.stores.folder import FolderStore
from activities.supply_chain.attestations import Attestor
from activities.supply_chain.signing import FileSigner
from domain.pipelines.job import Job, JobKind
from domain.policy.policy import PolicyFor, Push
from domain.scans.findings.fingerprint import identified
from domain.scans.findings.model import Finding, FindingKind, ScanReport, ScanState, Severity, ToolReport
from domain.scans.findings.signed_baseline import SignedBaseline
from domain.scans.spec import ScanSpec
from domain.supply_chain import attestation
from domain.triggers.events import EventKind, EventRef
from domain.triggers.repository_name import repository_name
from domain.triggers.source import SourceRef
from workers.core.records import Records
from workers.core.settings import Settings
from workers.worker.known_findings import known_findings

KEY = Ed25519PrivateKey.generate()
PUBLIC = base64.b64encode(KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
OLD = Finding(tool="bandit", rule="B602", kind=FindingKind.SAST, severity=Severity.HIGH, message="m", path="a.py")
MAIN = EventRef(EventKind.PUSH, "main")
PULL_REQUEST = EventRef(EventKind.PULL_REQUEST, "main")


def weak(code: str, **more: object) -> Finding:
    return replace(OLD, code=code, **more)  # type: ignore[arg-type]


def signed_baseline(pipeline: str, repo: str, commit: str, report: str, /, **more: object) -> SignedBaselineRecord:
    """What the lead signs; `more`: fields that are signed instead."""
    plain = SignedBaseline(
        pipeline=pipeline,
        repository=repository_name(repo),
        branch="main",
        job="scan",
        commit=commit,
        report=report,
        findings=1,
        reason="as it was",
        person="lead",
        made_at=int(time.time()),
    )
    return signed(replace(plain, **more), repo, KEY)  # type: ignore[arg-type]


@dataclass
class Installation:
    """A home with one repository `web` that pipelines scan."""

    folder: Path
    home: Path | None = None
    records: Records = field(init=False)
    runs: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        """In a folder of its own, or in the home that commands use."""
        place = Settings(self.home or self.folder / "home", Path(), own_keys=self.folder / "keys")
        self.folder.mkdir(exist_ok=True)
        place.signer.mkdir(parents=True)
        self.records, self.store = Records.at(place.records), FolderStore(place.store)
        signer = FileSigner.made(place.signing_key)
        remember(place.signer, {"attestations": signer.public_key()})
        self.attestor = Attestor(signer, self.records.attestations, self.store)
        self.repo = self.made_repo("web")
        self.records.identities.save(Identity("lead", PUBLIC, ("security",)))
        self.rule: Callable[[Push], PolicyFor] = PolicyFor
        key = installation_key(place.scan_key)
        self.known = known_findings(
            self.records, self.store, Mirrors(place.mirrors), key, self.attestor, lambda push: self.rule(push)
        )

    def made_repo(self, name: str) -> str:
        path = self.folder / name
        path.mkdir()
        git.git("init", "-q", "-b", "main", cwd=path)
        return str(path)

    def commit(self, text: str, branch: str = "main", repo: str = "") -> str:
        """A commit on a branch; main stays checked out: HEAD names the default branch."""
        path = Path(repo or self.repo)
        person = ("-c", "user.name=a", "-c", "user.email=a@example.com")
        switch = () if branch == "main" else ("-B", branch)
        if switch:
            git.git("checkout", "-q", *switch, cwd=path)
        (path / "a.py").write_text(text)
        git.git("add", "-A", cwd=path)
        git.git(*person, "commit", "-q", "--allow-empty", "-m", text, cwd=path)
        made = git.resolve(path, "HEAD")
        if switch:
            git.git("checkout", "-q", "main", cwd=path)
        return made

    def input(self, commit: str, event: EventRef = MAIN, pipeline: str = "web", repo: str = "") -> JobInput:
        """Of the job `scan` of a run of a pipeline."""
        address, number = repo or self.repo, next(self.runs)
        job = Job(id="scan", kind=JobKind.SCAN, scan=ScanSpec())
        return JobInput(f"run/{pipeline}/{number}", job, source=SourceRef(address, commit), repo=address, event=event)

    def scan(self, input: JobInput, *found: Finding, state: ScanState = ScanState.COMPLETE) -> tuple[ScanReport, str]:
        """What a scan job does after its scanners: the report and its digest."""
        self.known.owners.mirrors.fetch(input.repo, input.source.commit)  # as the checkout does
        tool = ToolReport(tool="bandit", state=state)
        report = ScanReport(tools=(tool,), merged=tuple(identified(found)))
        report = self.known.told(input, self.known.compared(input, report, {"a.py"}))
        digest = self.store.put(serial.dump(report))
        said = {"pipeline": input.run.split("/")[1], "job": "scan", "commit": input.source.commit}
        self.attestor.attest(attestation.SCAN, {"object": digest}, said)
        self.known.remember(input, report, digest)
        return report, digest

    def sign(self, input: JobInput, digest: str, **more: object) -> SignedBaselineRecord:
        """What the lead signs and saves; `more`: fields that are signed instead."""
        row = signed_baseline(input.run.split("/")[1], input.repo, input.source.commit, digest, **more)
        self.records.signed_baselines.add(row)
        return row

    def scanned(self) -> Scanned:
        return Scanned("web", self.repo, "scan")
