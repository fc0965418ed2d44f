"""The shape of a definition, one class per block. The JSON Schema and docs/pipeline-reference.md are made from it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, GetJsonSchemaHandler
from pydantic_core import CoreSchema

from domain.scans.findings.model import Severity
from pipeline_defs.clusters.provision_model import Provision as Provision
from pipeline_defs.core.blocks import NAME_PATTERN as NAME_PATTERN
from pipeline_defs.core.blocks import Block, Duration, Env, Name, Text, Texts, Value
from pipeline_defs.jobs.container_model import Container
from pipeline_defs.pipelines.sharing_model import Caches, Concurrency, Priority
from pipeline_defs.pipelines.sharing_model import ConcurrencyBlock as ConcurrencyBlock
from pipeline_defs.releases.model import Deploy
from pipeline_defs.volumes.model import Volume


class Parameter(Block):
    """A value that whoever starts a run may give."""

    type: Literal["string", "integer", "number", "boolean", "choice"] = Field("string", description="What it holds.")
    description: str = Field("", description="One line for people.")
    default: Value | None = Field(None, description="Taken when none is given.")
    required: bool = Field(False, description="Without it a run does not start. A default makes it optional.")
    pattern: str = Field("", description="A regular expression that the whole text must match (string only).")
    choices: list[Text] = Field([], description="What may be chosen (choice only).")


class PushFilter(Block):
    """Which pushes start a run. Patterns are `*`, `**`, `?`, and `!` takes back; the last that matches decides."""

    branches: Texts = Field([], description="Branches; empty lets all through.")
    tags: Texts = Field([], description="Tags; with branches and no tags, tags start nothing.")
    paths: Texts = Field([], description="Changed files; at least one must match.")


class PullFilter(Block):
    """Which pull requests start a run."""

    branches: Texts = Field([], description="Target branches; empty lets all through.")
    paths: Texts = Field([], description="Changed files; at least one must match.")


class ScheduleEntry(Block):
    """One time table."""

    cron: str = Field(description="Five fields: minute, hour, day of month, month, day of week.")
    time_zone: str = Field("UTC", description="A name from the IANA time zone database.")


class On(Block):
    """What starts the pipeline; by hand it can always be started."""

    push: PushFilter | None = Field(None, description="A push to the repository.")
    pull_request: PullFilter | None = Field(None, description="A proposed change.")
    schedule: list[ScheduleEntry] = Field([], description="Times.")
    manual: dict[str, Any] | None = Field(None, description="`sluiceway run`; always on, written down for readers.")


class StepBlock(Block):
    """One command."""

    run: str = Field(description="The script. Values come in through `env`; expressions are not allowed here.")
    name: str = Field("", description="Shown in logs.")
    shell: Literal["sh", "bash", "python"] = Field(
        "sh", description="What runs the script. sh and bash stop at errors."
    )
    env: Env = Field({}, description="Added to the job's.")
    timeout: Duration = Field(0, description="Limit of this step; 0: only the job's counts.")


def _steps(value: Any) -> Any:
    if isinstance(value, str):
        return [{"run": value}]
    return [{"run": item} if isinstance(item, str) else item for item in value] if isinstance(value, list) else value


class _StepsSchema:
    """A script, or a list of scripts and steps: what `_steps` makes one shape of."""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        steps = handler(core)
        text = {"type": "string"}
        return {"anyOf": [text, {**steps, "items": {"anyOf": [text, steps["items"]]}}]}


Steps = Annotated[list[StepBlock], BeforeValidator(_steps), _StepsSchema()]


class Matrix(Block):
    """The job runs once per combination of the axes."""

    axes: dict[Name, list[Value]] = Field({}, description="Name to values; `matrix.NAME` in expressions.")
    include: list[dict[str, Value]] = Field([], description="Cells to add.")
    exclude: list[dict[str, Value]] = Field([], description="Cells to leave out; an entry matches in all its keys.")
    max_parallel: int = Field(0, ge=0, description="Cells at once; 0: no limit.")
    fail_fast: bool = Field(True, description="A failed cell stops the others.")


class Timeouts(Block):
    """Limits of a job."""

    queue: Duration = Field(3600.0, description="Until a worker takes it.")
    run: Duration = Field(3600.0, description="From then to its end.")


class RetryBlock(Block):
    """When a job is tried again. Each try is an attempt with its own log."""

    attempts: int = Field(1, ge=1, le=20, description="In all; lost infrastructure is tried at least three times.")
    backoff: Duration = Field(2.0, description="Before the second attempt; doubled each time, at most 5 minutes.")
    on: list[Annotated[str, Field(pattern=r"^(infrastructure|timeout|exit:\d{1,3})$")]] = Field(
        ["infrastructure"], description="Causes: infrastructure, timeout, exit:CODE."
    )


class Artifacts(Block):
    """Files that leave and enter the job's workspace."""

    out: dict[Name, Texts] = Field({}, description="Name to path patterns; kept by digest.")
    in_: Texts = Field([], description="`job.name` of artifacts to unpack before the first step.")


class Image(Block):
    """An OCI image, built by a Docker daemon."""

    context: str = Field(".", description="Folder in the workspace.")
    dockerfile: str = Field("Dockerfile", description="Relative to the context.")
    tag: str = Field("", description="Repository and tag; default: the pipeline's name and the commit.")
    build_args: Env = Field({}, description="Arguments of the Dockerfile. No secrets: they stay in the image.")
    push: bool = Field(False, description="To the registry that the tag names, as the worker's user is logged in.")


class Build(Block):
    """Commands that make artifacts, an image, or both."""

    steps: Steps = Field([], description="Commands.")
    image: Image | None = Field(None, description="Output `digest` and `image` are added to the job's.")


class Test(Block):
    """Commands, and the reports that they leave."""

    __test__ = False

    steps: Steps = Field(description="Commands.")
    junit: Texts = Field([], description="JUnit XML files (patterns). None found, or a failed case: the job fails.")
    coverage: Texts = Field([], description="Cobertura XML files (patterns).")
    min_coverage: float = Field(0, ge=0, le=100, description="Percent of lines; less fails the job.")


class Scan(Block):
    """Scanners over the source, side by side."""

    tools: list[Literal["bandit", "semgrep", "trivy", "markers", "gitleaks", "govulncheck"]] = Field(
        ["bandit", "semgrep", "trivy", "markers"],
        min_length=1,
        description="markers: comments that ask a scanner to look away, as findings. gitleaks (secrets in all of the"
        " history) and govulncheck (vulnerable Go code that is called) are skipped where they are not installed.",
    )
    path: str = Field(".", description="What is scanned, in the workspace.")
    image: str = Field(
        "", description="Scans this image instead of the source: a name that the daemon has, or can pull."
    )
    exclude: Texts = Field([], description="Path patterns whose findings are left out.")
    sarif: Texts = Field([], description="Reports of other tools (SARIF 2.1.0), in the checkout or in `artifacts.in`.")


SeverityName = Literal["critical", "high", "medium", "low", "info"]


class Allow(Block):
    """Who may decide on their own change. Nobody, unless said here and by the environment."""

    author: bool = False
    committer: bool = False
    starter: bool = False


class Approval(Block):
    """Waits for people. An environment may demand more, never less."""

    users: list[str] = Field([], description="Who may decide.")
    groups: list[str] = Field([], description="Whose members may decide.")
    roles: list[str] = Field([], description="Whose holders may decide.")
    quorum: int = Field(1, ge=1, description="Approvals in all. One rejection refuses.")
    per_group: dict[str, Annotated[int, Field(ge=1)]] = Field({}, description="Group to approvals from it.")
    expires: Duration = Field(86400.0, description="After that it is refused.")
    reminders: list[Duration] = Field([], description="Times after the start at which people are reminded.")
    allow: Allow = Field(Allow(), description="Exceptions from four eyes.")
    message: str = Field("", description="What the approver should look at.")


MAX_HOLD_S = 30 * 86_400.0


def _hold(given: Approval | None) -> Approval | None:
    if given and given.expires > MAX_HOLD_S:
        raise ValueError("a gate is held for 30 days at most")
    return given


class Gate(Block):
    """Decides on findings. Closed unless every scan is complete and nothing blocks."""

    scans: list[str] = Field([], description="Scan jobs that count; default: all among the needs, directly or not.")
    policy: Literal["strict", "standard", "advisory"] = Field(
        "standard",
        description="What holds where nothing else is said. strict: low and worse, skipped scanners and databases older"
        " than a day block; advisory: findings alone never block.",
    )
    fail_on: SeverityName | Literal["never"] = Field("high", description="The lowest severity that blocks.")
    block: str = Field("", description="CEL over `finding`, instead of `fail-on`: what it is true of blocks.")
    max_db_age: Duration = Field(0.0, description="How old the database of vulnerabilities may be; 0: any age.")
    kinds: list[Literal["sast", "secret", "misconfiguration", "vulnerability", "license", "suppression"]] = Field(
        [], description="Default: all."
    )
    allow: dict[SeverityName, Annotated[int, Field(ge=0)]] = Field({}, description="Severity to findings let through.")
    unknown_as: SeverityName = Field("high", description="What a finding without a severity counts as.")
    sla: dict[SeverityName, Duration] = Field(
        {}, description="Severity to how long a finding may stay since it was first seen, known ones too."
    )
    new_only: bool = Field(False, description="Let through what the baseline has too, unless it got worse.")
    skipped: Literal["allow", "block"] = Field("allow", description="Whether a scanner that is not installed blocks.")
    hold: Annotated[Approval | None, AfterValidator(_hold)] = Field(
        None,
        description="A gate that is closed waits, up to `expires`, for a suppression or a VEX statement on the default"
        " branch, or for these people to open it. Default: it fails at once.",
    )


class Job(Block):
    """A node of the DAG. It has one kind: run, build, test, scan, gate, approval, deploy, provision, volume or uses."""

    extends: Texts = Field([], description="Templates of this file: mappings are merged, the rest is replaced.")
    stage: str = Field("", description="Groups jobs for people.")
    needs: Texts = Field([], description="Jobs that must end first.")
    when: str | bool = Field("", description="Condition in CEL; default: every need passed.")
    matrix: Matrix | None = Field(None, description="Combinations.")
    for_each: str = Field("", description="CEL that gives a list at run time; `item` in expressions.")
    timeouts: Timeouts = Field(Timeouts(), description="Limits of time.")
    concurrency: Concurrency | None = Field(None, description="A group of jobs; a name alone means one at a time.")
    cpu: float = Field(0, ge=0, le=256, description="Cores that a worker sets aside while it runs; 0: none.")
    memory_mb: int = Field(0, ge=0, description="Limit for all the job's processes; 0: none.")
    output_mb: int = Field(64, ge=1, le=1024, description="Limit of the log.")
    retry: RetryBlock = Field(RetryBlock(), description="When it is tried again.")
    env: Env = Field({}, description="Variables for the job's processes.")
    secrets: list[str] = Field([], description="Names of the pipeline's secrets that this job gets.")
    container: Container | None = Field(None, description="Runs the steps in a container; an image's name, or more.")
    executor: Literal["process", "docker", "kubernetes"] | None = Field(
        None, description="Where it runs; default: kubernetes with a container's cluster, docker with a container."
    )
    outputs: dict[str, Literal["string", "integer", "number", "boolean", "list", "object"]] = Field(
        {}, description="Name to type. A step appends `name=value` to the file $SLUICEWAY_OUTPUT."
    )
    artifacts: Artifacts = Field(Artifacts(), description="Files in and out.")
    cache: Caches = Field([], description="Files that later runs find again; of run, build and test jobs.")
    continue_on_error: bool = Field(False, description="Its failure counts as passed for those that need it.")
    environment: str = Field("", description="A registered environment; its rules protect the job.")
    run: Steps | None = Field(None, description="Kind: commands.")
    build: Build | None = Field(None, description="Kind: artifacts and images.")
    test: Test | None = Field(None, description="Kind: commands with reports.")
    scan: Scan | None = Field(None, description="Kind: scanners.")
    gate: Gate | None = Field(None, description="Kind: decides on findings.")
    approval: Approval | None = Field(None, description="Kind: people decide.")
    deploy: Deploy | None = Field(None, description="Kind: releases a service.")
    provision: Provision | None = Field(None, description="Kind: makes a cluster.")
    volume: Volume | None = Field(None, description="Kind: looks after a volume of a cluster.")
    uses: str = Field(
        "", description="Kind: the jobs of a Component, by path relative to this file, or `git+URL@COMMIT#PATH`."
    )
    with_: dict[str, Value] = Field({}, description="Inputs of the used file.")


class Defaults(Block):
    """Taken by every job that does not say otherwise."""

    timeouts: Timeouts | None = None
    retry: RetryBlock | None = None
    env: Env = {}


class Document(Block):
    api_version: Literal["sluiceway/v1"] = Field(alias="apiVersion", description="Always sluiceway/v1.")


class Pipeline(Document):
    """A pipeline."""

    kind: Literal["Pipeline"]
    name: Name = Field(description="Lower case letters, digits and dashes.")
    description: str = Field("", description="One line for people.")
    params: dict[str, Parameter] = Field({}, description="Typed parameters; `params.NAME` in expressions.")
    on: On = Field(On(), description="What starts it.")
    env: Env = Field({}, description="Variables for every job.")
    secrets: dict[str, str] = Field({}, description="Name to reference: `env:NAME` or `file:PATH`. Never a value.")
    defaults: Defaults = Field(Defaults(), description="Of all jobs.")
    fail_fast: bool = Field(False, description="The first failure stops every job that runs.")
    concurrency: Concurrency | None = Field(None, description="A group of runs; a name alone means one at a time.")
    priority: Priority = Field(3, description="1 is taken first, 5 last; or an expression.")
    tenant: Name | None = Field(None, description="Pipelines of one tenant share its part; default: each its own.")
    templates: dict[Name, Job] = Field({}, description="Parts of jobs, taken by `extends`.")
    jobs: dict[str, Job] = Field(min_length=1, description="The work.")


class Component(Document):
    """Jobs that pipelines use, with typed inputs."""

    kind: Literal["Component"]
    name: Name
    description: str = ""
    inputs: dict[str, Parameter] = Field({}, description="`inputs.NAME` in expressions.")
    templates: dict[Name, Job] = Field({}, description="Parts of jobs, taken by `extends`.")
    jobs: dict[str, Job] = Field(min_length=1)


class EnvironmentApproval(Block):
    """What the environment demands of every approval and deployment."""

    users: list[str] = Field([], description="Only these, and members of the groups, may decide; empty: no limit.")
    groups: list[str] = []
    quorum: int = Field(0, ge=0, description="At least as many approvals.")
    per_group: dict[str, Annotated[int, Field(ge=1)]] = {}
    max_expires: Duration = Field(0, description="No approval stays open longer; 0: no limit.")
    allow: Allow = Allow(author=True, committer=True, starter=True)


class EnvironmentImages(Block):
    """What must be signed by this installation about an image before it is released here."""

    built_here: bool = Field(False, description="Where it comes from: a build of one of the pipelines.")
    gate_passed: bool = Field(False, description="The last gate that judged it let it through.")
    scanned_within: Duration = Field(0, description="A complete scan of it is no older; 0: none is asked for.")


class EnvironmentWatch(Block):
    """What a new vulnerability in what runs here leads to."""

    severity: SeverityName = Field("critical", description="The lowest that is an alarm.")
    unknown_as: SeverityName = Field("high", description="What one without a severity counts as.")
    then: list[Literal["notify", "block", "rebuild", "rollback"]] = Field(
        ["notify"],
        description="notify: people are told; block: the image is not released again; rebuild: its pipeline runs;"
        " rollback: the version before is released again, when it has nothing that would be an alarm.",
    )


class Environment(Document):
    """A place to deploy, with its protection. Registered by `sluiceway apply`, never read from a pushed commit."""

    kind: Literal["Environment"]
    name: Name
    description: str = ""
    target: Literal["local", "docker"] = Field("local", description="How it is reached.")
    trust: Literal["signed", "open"] = Field("signed", description="open: unsigned signals count.")
    approval: EnvironmentApproval = EnvironmentApproval()
    images: EnvironmentImages = EnvironmentImages()
    watch: EnvironmentWatch = EnvironmentWatch()


SEVERITIES = tuple(severity.value for severity in Severity)
