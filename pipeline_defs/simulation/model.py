"""The shape of pipeline tests: preconditions, mocks, expectations."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from pipeline_defs.core.blocks import Anything, Block, Duration, Fields, Name, Text, Texts, Value
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
    """Preconditions of a case."""

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
    line: int = Field(1, ge=1, le=1_000_000)
    message: str = ""


class MockJob(Block):
    """What a job does instead of running. Without a mock it passes immediately, with empty outputs."""

    outputs: dict[Name, Anything] = {}
    artifacts: dict[Name, Text] = Field({}, description="Name to content; default: the job's and artifact's names.")
    exit: int = Field(0, ge=0, le=255, description="Exit code.")
    fails: str = Field("", description="Reason for a failure: a failed test, a missing scanner.")
    duration: Duration = Field(0.0, description="Virtual duration; longer than the job's limit is a timeout.")
    findings: list[MockFinding] = Field([], description="Findings of a scan.")
    attempts: list[MockJob] = Field([], description="One per attempt, the last for all further ones.")


class Rates(Block):
    """Fractions of bad requests."""

    errors: float = Field(0.001, ge=0, le=1)
    slow90: float = Field(0.1, ge=0, le=1)
    slow99: float = Field(0.01, ge=0, le=1)


class MockRelease(Block):
    """Simulated traffic of a service and its new version."""

    requests: float = Field(50.0, ge=0, le=1_000_000, description="Requests per second of the whole service.")
    stable: Rates = Rates()
    new: Rates = Rates()
    since: Duration = Field(0.0, description="Until then, the new version behaves like the stable one.")
    ready: bool = Field(True, description="Whether its processes become ready.")
    checks: str = Field("", description="Failure of its checks; empty: none.")


class MockDecision(Block):
    """One answer to an approval."""

    job: str = Field(description="The approval's job, or the step of a release (`promotion`, `before-50`).")
    by: str = Field(description="User.")
    groups: Texts = []
    roles: Texts = []
    answer: Literal["approve", "reject"] = "approve"
    after: Duration = Field(0.0, description="Time after the request.")
    comment: str = ""


class Mocks(Block):
    """Replacements for the outside world."""

    jobs: dict[str, MockJob] = Field({}, description="Job, cell or item to its mock.")
    releases: dict[Name, MockRelease] = Field({}, description="Service to its traffic.")


class WantedDuration(Block):
    """Virtual time."""

    at_least: Duration = 0.0
    at_most: Duration | None = None


class Expect(Block):
    """Assertions; what is left out is not asserted."""

    status: str = ""
    reason: str = Field("", description="Substring of the run's reason.")
    ran: Texts | None = Field(None, description="Exactly these jobs ran; a name stands for all its cells.")
    skipped: dict[str, str] | None = Field(
        None, description="Exactly these were skipped: job to a substring of the reason."
    )
    failed: Texts | None = Field(None, description="Exactly these failed.")
    approvals: Texts | None = Field(None, description="Exactly these approvals were requested.")
    gates: dict[str, Literal["open", "closed"]] = {}
    releases: dict[Name, Literal["live", "rolled-back", "aborted", "failed"]] = {}
    outputs: dict[str, Fields] = Field({}, description="Job to outputs.")
    notifications: Texts = Field([], description="Substrings of notifications that must be sent.")
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
