"""The shape of pipeline tests: what is given, what jobs are made to do, and what is expected."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from pipeline_defs.core.blocks import Block, Duration, Name, Text, Texts, Value
from pipeline_defs.core.document import Document
from pipeline_defs.releases.environment_model import EnvironmentApproval
from pipeline_defs.scans.model import SeverityName


class GivenEvent(Block):
    """What starts the run."""

    kind: Literal["push", "pull-request", "schedule", "manual"] = "manual"
    branch: str = "main"
    tag: str = ""
    changed: Texts = Field([], description="Changed files.")
    message: str = ""
    author: str = "author"
    committer: str = "author"
    actor: str = Field("", description="Who starts it; default: the author.")


class Given(Block):
    """The world in which the case plays."""

    event: GivenEvent = GivenEvent()
    params: dict[Name, Value] = {}
    environments: dict[Name, EnvironmentApproval] = Field({}, description="Registered environments and their rules.")
    live: dict[Name, Text] = Field({}, description="Service to the version that is live before.")


class MockFinding(Block):
    """One finding of a scan."""

    severity: SeverityName = "high"
    kind: Literal["sast", "secret", "misconfiguration", "vulnerability"] = "sast"
    rule: str = "RULE"
    path: str = "a.py"
    line: int = 1
    message: str = ""


class MockJob(Block):
    """What a job does instead of running. Without a mock it passes at once, with empty outputs."""

    outputs: dict[Name, Any] = {}
    artifacts: dict[Name, Text] = Field({}, description="Name to content; default: the job's and artifact's names.")
    exit: int = Field(0, ge=0, le=255, description="The exit code.")
    fails: str = Field("", description="Why it fails: a failed test, a scanner that is missing.")
    duration: Duration = Field(0.0, description="Virtual time; over the job's limit it is a timeout.")
    findings: list[MockFinding] = Field([], description="Of a scan.")
    attempts: list[MockJob] = Field([], description="One per attempt, the last for all further ones.")


class Rates(Block):
    """Parts of the requests that are bad."""

    errors: float = Field(0.001, ge=0, le=1)
    slow90: float = Field(0.1, ge=0, le=1)
    slow99: float = Field(0.01, ge=0, le=1)


class MockRelease(Block):
    """What the traffic of a service says about its new version."""

    requests: float = Field(50.0, ge=0, description="A second, of the whole service.")
    stable: Rates = Rates()
    new: Rates = Rates()
    since: Duration = Field(0.0, description="Until then the new version is as good as the stable one.")
    ready: bool = Field(True, description="Whether its processes get ready.")
    checks: str = Field("", description="What its checks complain about.")


class MockDecision(Block):
    """One answer to an approval."""

    job: str = Field(description="The approval's job, or the step of a release (`promotion`, `before-50`).")
    by: str = Field(description="Who.")
    groups: Texts = []
    roles: Texts = []
    answer: Literal["approve", "reject"] = "approve"
    after: Duration = Field(0.0, description="After it was asked.")
    comment: str = ""


class Mocks(Block):
    """What stands in the place of the world."""

    jobs: dict[str, MockJob] = Field({}, description="Job, cell or item to what it does.")
    releases: dict[Name, MockRelease] = Field({}, description="Service to its traffic.")


class WantedDuration(Block):
    """Virtual time."""

    at_least: Duration = 0.0
    at_most: Duration | None = None


class Expect(Block):
    """What is asserted; what is left out is not."""

    status: str = ""
    reason: str = Field("", description="A part of the run's reason.")
    ran: Texts | None = Field(None, description="Exactly these jobs ran; a name stands for all its cells.")
    skipped: dict[str, str] | None = Field(None, description="Exactly these were skipped: job to a part of why.")
    failed: Texts | None = Field(None, description="Exactly these ended badly.")
    approvals: Texts | None = Field(None, description="Exactly these were asked.")
    gates: dict[str, Literal["open", "closed"]] = {}
    releases: dict[Name, Literal["live", "rolled-back", "aborted", "failed"]] = {}
    outputs: dict[str, dict[str, Any]] = Field({}, description="Job to outputs.")
    notifications: Texts = Field([], description="A part of each notice that must come.")
    duration: WantedDuration | None = None


class Case(Block):
    """One run in virtual time, and what is expected of it."""

    name: str
    given: Given = Given()
    mocks: Mocks = Mocks()
    decisions: list[MockDecision] = []
    expect: Expect


class PipelineTest(Document):
    """Unit tests of a pipeline."""

    kind: Literal["PipelineTest"]
    pipeline: str = Field("", description="Path of the definition; default: this file without `.test`.")
    cases: list[Case] = Field(min_length=1)
