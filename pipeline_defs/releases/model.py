"""The shape of a deploy job: a service, and how its versions are released."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler, WithJsonSchema
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from domain.core.values import Json
from domain.releases.calendars import MOST_WINDOWS
from domain.releases.judge.policy import OnInconclusive
from domain.releases.together.order import MOST_SERVICES
from pipeline_defs.core.blocks import MAX_MEMORY_MB, Block, Duration, Name, Text
from pipeline_defs.releases import kubernetes_model
from pipeline_defs.releases.calendar_model import Freezes, Window

Part = Annotated[float, Field(ge=0, le=1)]
Percent = Annotated[float, Field(gt=0, lt=100)]


class Probe(Block):
    """A health check."""

    http: str = Field(
        "", pattern=r"^(/|$)", description="Path that answers with 2xx or 3xx; empty: a TCP connect suffices."
    )
    timeout: Duration = Field(20.0, description="Readiness: time until all processes answer.")
    interval: Duration = Field(0.2, description="Time between probes.")
    failures: int = Field(3, ge=1, le=1000, description="Liveness: consecutive failures before a restart.")


class Metric(Block):
    """Events among requests. errors, slow90 and slow99 are counted by the router; others by two queries."""

    share: float = Field(gt=0, le=1, description="Share of the false alarms; the shares of all metrics add up to 1.")
    ratio: float | None = Field(None, ge=1, le=1_000_000, description="Tolerated ratio to the stable version's rate.")
    gate: Part | None = Field(None, description="Smallest relevant excess: 0.01 is one request in a hundred.")
    events: str = Field("", description="PromQL selector of a counter; {{instance}} and {{version}} name the arm.")
    total: str = Field("", description="PromQL selector of the counter of all requests.")


class Analysis(Block):
    """How a new version is compared with the stable one, side by side."""

    metrics: dict[Name, Metric] = Field({}, description="Default: errors 0.5, slow90 0.25, slow99 0.25.")
    tick: Duration = Field(10.0, description="Time between evaluations; not shorter than the source's interval.")
    alpha: float = Field(0.01, gt=0, lt=1, description="Probability of rolling back a version that is not worse.")
    beta: float = Field(0.05, gt=0, lt=1, description="Probability of calling a step safe that is not.")
    budget: float = Field(0.005, gt=0, lt=1, description="Failures that a step may add, as a share of all traffic.")
    first_weight: float = Field(0, ge=0, lt=100, description="Percent; 0: about 100 requests in `min-dwell`, 1 to 25.")
    steps: list[Percent] = Field([10.0, 25.0, 50.0], description="Weights in percent before promotion, rising.")
    min_dwell: Duration = Field(60.0, description="Minimum time at each weight.")
    max_dwell: Duration = Field(600.0, description="Maximum time at each weight without evidence.")
    warm_up: Duration = Field(60.0, description="Time before latency is evaluated.")
    bake: Duration = Field(0.0, description="Time at the last weight, before promotion.")
    slo_hold: Part = Field(0.05, description="Error rate of the stable version above which nothing is decided.")
    on_inconclusive: OnInconclusive = Field(
        OnInconclusive.HOLD,
        description="What happens after max-dwell without evidence: hold waits for more, or for people, who are told.",
    )
    source: Literal["router", "prometheus"] = Field("router", description="Source of the request counters.")
    prometheus: str = Field("", description="Address of the Prometheus server.")


def _analysis(value: Json) -> Json:
    return {} if value is True else None if value is False else value


class _AnalysisSchema:
    """A block, or false for no analysis."""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [handler(core), {"type": "boolean"}]}


class Rolling(Block):
    """Options of strategy rolling."""

    batch: int = Field(1, ge=1, le=50, description="Processes replaced at once.")
    max_unavailable: int = Field(
        0, ge=0, le=50, description="Processes that may be unavailable meanwhile; 0: start new ones first."
    )


class BlueGreen(Block):
    """Options of strategy blue-green."""

    split: float = Field(10.0, ge=0, le=50, description="Percent of the traffic analysed before the switch; 0: none.")


class Check(Block):
    """A request to the preview address."""

    path: str = Field("/", pattern=r"^/", examples=["/healthz"], description="Path and query.")
    status: int = Field(200, ge=100, le=599, description="Expected status.")
    contains: str = Field("", description="Text that the response must contain.")


class Dast(Block):
    """An attack on the new version at its preview address, before it gets traffic (wapiti)."""

    fail_on: Literal["critical", "high", "medium", "low", "info", "never"] = Field(
        "medium", description="The lowest severity that rolls back."
    )
    modules: list[Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$")]] = Field(
        [], description="wapiti modules; default: those that only need the service."
    )
    timeout: Duration = Field(600.0, gt=0, description="Time limit; a longer scan has failed.")
    skipped: Literal["allow", "block"] = Field("block", description="Whether a missing wapiti blocks.")


def _before(value: Json) -> Json:
    return 100.0 if value == "promotion" else value


Before = Annotated[
    float,
    BeforeValidator(_before),
    Field(gt=0, le=100),
    WithJsonSchema({"anyOf": [{"const": "promotion"}, {"type": "number", "exclusiveMinimum": 0, "maximum": 100}]}),
]


class StepApproval(Block):
    """An approval before the weight reaches a value. Analysis, abort and rollback continue meanwhile."""

    before: Before = Field(description="A weight in percent, or `promotion`.")
    users: list[str] = Field([], description="Users who may approve.")
    groups: list[str] = Field([], description="Groups whose members may approve.")
    roles: list[str] = Field([], description="Roles whose holders may approve.")
    quorum: int = Field(1, ge=1, le=1000, description="Required approvals. One rejection rolls back.")
    expires: Duration = Field(86400.0, description="Time until it expires, which rolls back.")
    message: str = Field("", description="Message for the approvers.")
    each: Literal["release", "cluster"] = Field(
        "release", description="cluster: asked in each cluster of the environment, instead of once for all of them."
    )


class Routing(Block):
    """Routing of requests besides weights."""

    header: str = Field("", description="`Name: value` that sends a request to the new version.")
    cookie: str = Field("", description="`name=value` that sends a request to the new version.")
    mirror: float = Field(0.0, ge=0, le=100, description="Percent of the traffic mirrored to the new version.")
    sticky: bool = Field(False, description="A client stays on the version that answered it first.")
    unconfirmed: Literal["refuse", "allow"] = Field(
        "refuse", description="allow: steps of traffic may go on without a sign of the router that they are in force."
    )


_PLACE = "the registered environment says it: target: {kubernetes: {cluster, namespace, gateway, host}}"
_ELSEWHERE = {
    **dict.fromkeys(("cluster", "clusters", "namespace", "gateway", "host", "waves"), _PLACE),
    **{key: f"write `routing: {{{key}: …}}`" for key in ("header", "cookie", "mirror", "sticky")},
    **{key: f"write `analysis: {{{key}: …}}`" for key in ("steps", "bake")},
    "replicas": "write `instances: …`, or `autoscale: {min, max}`",
}


class Workload(Block):
    """What runs: the part of a deploy job that each of several services may say for itself."""

    version: Text = Field("", description="Shown to people; default: the short commit.")
    command: list[Text] = Field(
        [],
        description="Program and arguments, without a shell; stays in the foreground. Docker default: the image's.",
    )
    image: Text = Field("", description="Target docker, kubernetes: image, ideally `NAME@sha256:…`.")
    port: int = Field(8080, ge=1, le=65535, description="Target docker, kubernetes: port that a container listens on.")
    cpu: float = Field(
        0, ge=0, le=256, description="Target docker, kubernetes: CPU limit per container, in cores; 0: none."
    )
    memory_mb: int = Field(
        0, ge=0, le=MAX_MEMORY_MB, description="Target docker, kubernetes: memory limit per container; 0: none."
    )
    manifests: list[kubernetes_model.PathText] = Field(
        [], max_length=100, description="Target kubernetes: files or folders of manifests."
    )
    kustomize: Annotated[str, Field(pattern=f"^$|{kubernetes_model.PATH}", examples=["deploy/production"])] = Field(
        "", description="Target kubernetes: folder of a kustomization."
    )
    helm: kubernetes_model.Helm | None = Field(None, description="Target kubernetes: a chart.")
    capacity: Literal["by-weight", "full"] = Field(
        "by-weight", description="Target kubernetes: pods of a new version before a step: for its share, or all."
    )
    autoscale: kubernetes_model.Autoscale | None = Field(
        None, description="Target kubernetes: an autoscaler for each version of a container."
    )
    disruption: kubernetes_model.Disruption = Field(
        "25%", description="Target kubernetes: pods of a version that evictions may take at once."
    )
    migrate: kubernetes_model.Migrate = Field(
        kubernetes_model.Migrate(), description="Target kubernetes: changes of data around the release."
    )
    instances: int = Field(1, ge=1, le=50, description="Processes or pods; local: each on a free port of its own.")
    port_env: str = Field("PORT", description="Environment variable with the port to listen on.")
    artifact: str = Field("", description="Artifact (`job.name`) to run in; default: a checkout of the commit.")
    readiness: Probe = Field(Probe(), description="When a version can receive traffic.")
    liveness: Probe | None = Field(None, description="When a process is restarted.")
    drain: Duration = Field(5.0, description="Grace period for open requests, and between SIGTERM and SIGKILL.")
    checks: list[Check] = Field([], description="Requests that the new version must answer before it gets traffic.")
    dast: Dast | None = Field(None, description="DAST scan of the new version before it gets traffic.")
    routing: Routing = Field(Routing(), description="Preview, mirror, sticky sessions.")


_FOR_ALL = "it is the same for all services: write it beside `services`"


class Service(Workload):
    """One of several services. What it does not say itself is as the deploy block says for all."""

    ELSEWHERE = dict.fromkeys(
        ("target", "router", "strategy", "analysis", "approvals", "windows", "freezes", "deadline"), _FOR_ALL
    )
    needs: list[Name] = Field(
        [], max_length=MOST_SERVICES, description="Services of this release that it calls: they get traffic before it."
    )


class Deploy(Workload):
    """A release of a service to the job's environment."""

    ELSEWHERE = _ELSEWHERE
    service: Name = Field(
        description="Its name; its address is SERVICE.localhost on the router. With `services`: a name for all of them."
    )
    services: dict[Name, Service] = Field(
        {}, max_length=MOST_SERVICES, description="Several services that are released as one (canary, blue-green)."
    )
    target: Literal["local", "docker", "kubernetes"] = Field("local", description="Where the service runs.")
    router: Literal["traefik", "gateway-api", "istio", "linkerd", "service", "none"] = Field(
        "traefik",
        description="Default with target kubernetes: gateway-api. linkerd: in a mesh; service: by pods; none: nothing.",
    )
    strategy: str = Field("recreate", description="recreate, rolling, blue-green or canary.")
    analysis: Annotated[Analysis | None, BeforeValidator(_analysis), _AnalysisSchema()] = Field(
        Analysis(), description="How the version is analysed (all but recreate); false: not at all."
    )
    rolling: Rolling = Field(Rolling(), description="Options of rolling.")
    blue_green: BlueGreen = Field(BlueGreen(), description="Options of blue-green.")
    approvals: list[StepApproval] = Field([], description="Approvals between steps.")
    rollback_window: Duration = Field(
        600.0, description="How long the previous version stays on standby (blue-green, canary)."
    )
    verify: Duration = Field(1.0, description="How long the counters are watched after the switch.")
    windows: list[Window] = Field(
        [], max_length=MOST_WINDOWS, description="The release goes forward only in these; default: always."
    )
    freezes: Freezes = []
    window: Literal["hold", "close-back"] = Field(
        "hold",
        description="Between two steps when windows close: hold: judged on at its weight; close-back: rolled back.",
    )
    deadline: Duration = Field(
        0.0, description="Time limit to full traffic, without pauses and approvals; exceeding it rolls back; 0: none."
    )
