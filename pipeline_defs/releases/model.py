"""The shape of a deploy job: a service, and how its versions are released."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler, WithJsonSchema
from pydantic_core import CoreSchema

from domain.releases.judge.policy import OnInconclusive
from pipeline_defs.core.blocks import Block, Duration, Name, Text

Part = Annotated[float, Field(ge=0, le=1)]
Percent = Annotated[float, Field(gt=0, lt=100)]


class Probe(Block):
    """How a process is asked whether it is well."""

    http: str = Field("", description="Path that answers with 2xx or 3xx; empty: a TCP connect is enough.")
    timeout: Duration = Field(20.0, description="Readiness: until all processes answer.")
    interval: Duration = Field(0.2, description="Between probes.")
    failures: int = Field(3, ge=1, description="Liveness: failed probes in a row before a restart.")


class Metric(Block):
    """Events among requests. errors, slow90 and slow99 are counted by the router; others by two queries."""

    share: float = Field(gt=0, le=1, description="Of the false alarms; the shares of all metrics add up to 1.")
    ratio: float | None = Field(None, ge=1, description="How many times the stable's rate is tolerated.")
    gate: Part | None = Field(None, description="The least excess that matters: 0.01 is one request in a hundred.")
    events: str = Field("", description="PromQL selector of a counter; {{instance}} and {{version}} name the arm.")
    total: str = Field("", description="The same for all requests that the events are among.")


class Analysis(Block):
    """How a new version is judged against the one before, side by side."""

    metrics: dict[Name, Metric] = Field({}, description="Default: errors 0.5, slow90 0.25, slow99 0.25.")
    tick: Duration = Field(10.0, description="Between looks; at least what the source needs.")
    alpha: float = Field(0.01, gt=0, lt=1, description="Probability of rolling back a version that is not worse.")
    beta: float = Field(0.05, gt=0, lt=1, description="Probability of calling a step safe that is not.")
    budget: float = Field(0.005, gt=0, lt=1, description="Failures that a step may add, as a part of all traffic.")
    first_weight: float = Field(0, ge=0, lt=100, description="Percent; 0: about 100 requests a minute, 1 to 25.")
    steps: list[Percent] = Field([10.0, 25.0, 50.0], description="Weights in percent before promotion, rising.")
    min_dwell: Duration = Field(60.0, description="At each weight at least.")
    max_dwell: Duration = Field(600.0, description="At each weight without evidence at most.")
    warm_up: Duration = Field(60.0, description="Latency is not judged before.")
    bake: Duration = Field(0.0, description="At the last weight, before promotion.")
    slo_hold: Part = Field(0.05, description="Error rate of the stable version from which on nothing is decided.")
    on_inconclusive: OnInconclusive = Field(OnInconclusive.PROMOTE, description="What max-dwell without evidence does.")
    source: Literal["router", "prometheus"] = Field("router", description="What counts requests.")
    prometheus: str = Field("", description="Address of the server that queries go to.")


def _analysis(value: Any) -> Any:
    return {} if value is True else None if value is False else value


class _AnalysisSchema:
    """A block, or false to judge nothing."""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [handler(core), {"type": "boolean"}]}


class Rolling(Block):
    """Options of the strategy rolling."""

    batch: int = Field(1, ge=1, description="Processes that are replaced at once.")
    max_unavailable: int = Field(0, ge=0, description="How many may be missing meanwhile; 0: new ones come first.")


class BlueGreen(Block):
    """Options of the strategy blue-green."""

    split: float = Field(10.0, ge=0, le=50, description="Percent judged before the switch; 0: none.")


class Check(Block):
    """A request to the preview address."""

    path: str = Field("/", pattern=r"^/", description="With its query.")
    status: int = Field(200, ge=100, le=599, description="The answer's status.")
    contains: str = Field("", description="A text that the answer contains.")


class Dast(Block):
    """An attack on the new version at its preview address, before it gets traffic (wapiti)."""

    fail_on: Literal["critical", "high", "medium", "low", "info", "never"] = Field(
        "medium", description="The lowest severity that takes the release back."
    )
    modules: list[Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$")]] = Field(
        [], description="wapiti's names of attacks; default: those that need nothing beside the service."
    )
    timeout: Duration = Field(600.0, gt=0, description="Longer than this is a failed scan.")
    skipped: Literal["allow", "block"] = Field("block", description="Whether it blocks that wapiti is not installed.")


def _before(value: Any) -> Any:
    return 100.0 if value == "promotion" else value


Before = Annotated[
    float,
    BeforeValidator(_before),
    Field(gt=0, le=100),
    WithJsonSchema({"anyOf": [{"const": "promotion"}, {"type": "number", "exclusiveMinimum": 0, "maximum": 100}]}),
]


class StepApproval(Block):
    """People who must agree before the weight reaches a value. Judging, aborting and rolling back go on meanwhile."""

    before: Before = Field(description="A weight in percent, or `promotion`.")
    users: list[str] = Field([], description="Who may decide.")
    groups: list[str] = Field([], description="Whose members may decide.")
    roles: list[str] = Field([], description="Whose holders may decide.")
    quorum: int = Field(1, ge=1, description="Approvals in all. One rejection rolls back.")
    expires: Duration = Field(86400.0, description="After that it is refused, and rolled back.")
    message: str = Field("", description="What the approver should look at.")


class Routing(Block):
    """How requests are told apart, beside weights."""

    header: str = Field("", description="`Name: value` that sends a request to the new version.")
    cookie: str = Field("", description="`name=value`, the same.")
    mirror: float = Field(0.0, ge=0, le=100, description="Percent of the traffic copied to the new version.")
    sticky: bool = Field(False, description="A client stays on the version that answered it first.")


class Deploy(Block):
    """A release of a service to the job's environment."""

    service: Name = Field(description="Its address is SERVICE.localhost on the router.")
    version: Text = Field("", description="Shown to people; default: the short commit.")
    command: list[Text] = Field(
        [], description="The process, as a list: no shell. It must stay in front. Default with docker: the image's."
    )
    image: Text = Field("", description="With the target docker: what runs, best `NAME@sha256:…`.")
    port: int = Field(8080, ge=1, le=65535, description="With the target docker: where a container listens.")
    cpu: float = Field(0, ge=0, le=256, description="With the target docker: cores at most, each; 0: no limit.")
    memory_mb: int = Field(0, ge=0, description="With the target docker: memory at most, each; 0: no limit.")
    instances: int = Field(1, ge=1, le=50, description="Processes, each on a free port of its own.")
    port_env: str = Field("PORT", description="The variable that tells a process its port.")
    artifact: str = Field("", description="`job.name` to run in; default: a checkout of the commit.")
    readiness: Probe = Field(Probe(), description="When a version may get traffic.")
    liveness: Probe | None = Field(None, description="When a process is restarted.")
    drain: Duration = Field(5.0, description="For open requests to end, and between the polite and the final signal.")
    target: Literal["local", "docker"] = Field("local", description="How the environment is reached.")
    router: Literal["traefik", "none"] = Field("traefik", description="none: a worker that nobody sends requests.")
    strategy: str = Field("recreate", description="recreate, rolling, blue-green or canary.")
    analysis: Annotated[Analysis | None, BeforeValidator(_analysis), _AnalysisSchema()] = Field(
        Analysis(), description="How the version is judged (all but recreate); false: not at all."
    )
    rolling: Rolling = Field(Rolling(), description="Options of rolling.")
    blue_green: BlueGreen = Field(BlueGreen(), description="Options of blue-green.")
    checks: list[Check] = Field([], description="Asked of the new version before it gets traffic.")
    dast: Dast | None = Field(None, description="Attacks the new version before it gets traffic.")
    approvals: list[StepApproval] = Field([], description="Between the steps.")
    routing: Routing = Field(Routing(), description="Preview, mirror, sticky sessions.")
    rollback_window: Duration = Field(600.0, description="The version before stays warm (blue-green, canary).")
    verify: Duration = Field(1.0, description="The counters are watched after the switch.")
    deadline: Duration = Field(0.0, description="To full traffic, without pauses and approvals; then it goes back.")
