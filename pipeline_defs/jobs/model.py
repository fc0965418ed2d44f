"""The shape of jobs that run commands, and of the keys common to all jobs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from domain.core.values import Json
from pipeline_defs.core.blocks import Block, Duration, Env, Name, Texts, Value


class StepBlock(Block):
    """One command."""

    run: str = Field(description="The script. Pass values through `env`; expressions are not allowed here.")
    name: str = Field("", description="Shown in logs.")
    shell: Literal["sh", "bash", "python"] = Field(
        "sh", description="Interpreter of the script. sh and bash stop at the first error."
    )
    env: Env = Field({}, description="Environment variables, added to the job's.")
    timeout: Duration = Field(0, description="Time limit of this step; 0: only the job's applies.")


def _steps(value: Json) -> Json:
    if isinstance(value, str):
        return [{"run": value}]
    return [{"run": item} if isinstance(item, str) else item for item in value] if isinstance(value, list) else value


class _StepsSchema:
    """A script, or a list of scripts and steps."""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        steps = handler(core)
        text = {"type": "string"}
        return {"anyOf": [text, {**steps, "items": {"anyOf": [text, steps["items"]]}}]}


Steps = Annotated[list[StepBlock], BeforeValidator(_steps), _StepsSchema()]


def _as_written(value: Json) -> Json:
    """3.10 and 010 would be other numbers than they look: they stay what was written, as texts."""
    written = getattr(value, "written", None)
    return value if written is None or written == str(value) else written


Axis = Annotated[Value, BeforeValidator(_as_written)]


class Matrix(Block):
    """The job runs once per combination of the axes."""

    axes: dict[Name, list[Axis]] = Field({}, description="Name to values; `matrix.NAME` in expressions.")
    include: list[dict[str, Axis]] = Field([], description="Cells to add.")
    exclude: list[dict[str, Axis]] = Field([], description="Cells to remove; all keys of an entry must match.")
    max_parallel: int = Field(0, ge=0, le=5000, description="Cells running at once; 0: no limit.")
    fail_fast: bool = Field(True, description="A failed cell cancels the others.")


MAX_GRACE_S = 600
Grace = Annotated[Duration, Field(le=MAX_GRACE_S)]


class Checkout(Block):
    """What the workspace holds besides the files of the commit. What no key names is left out, and the log says so."""

    submodules: bool | Literal["recursive"] | None = Field(
        None, description="Check out submodules; recursive: and those of submodules. false: leave them out silently."
    )
    lfs: bool | None = Field(
        None,
        description="Fetch the content of LFS files, by git-lfs on the worker. false: leave the pointers silently.",
    )


class Timeouts(Block):
    """Limits of a job."""

    queue: Duration = Field(3600.0, description="Until a worker picks it up.")
    run: Duration = Field(3600.0, description="From then until it finishes.")
    grace: Grace = Field(
        30.0, description="From SIGTERM until SIGKILL, when it is cancelled or its time is over; at most 10 minutes."
    )


class RetryBlock(Block):
    """When a job is retried. Each attempt has its own log."""

    attempts: int = Field(1, ge=1, le=20, description="Total attempts; lost infrastructure gets at least three.")
    backoff: Duration = Field(2.0, description="Delay before the second attempt; doubles each time, up to 5 minutes.")
    on: list[Annotated[str, Field(pattern=r"^(infrastructure|timeout|exit:\d{1,3})$")]] = Field(
        ["infrastructure"], description="What is retried: infrastructure, timeout, exit:CODE."
    )


class Artifacts(Block):
    """Files that a job uploads from or downloads to its workspace."""

    out: dict[Name, Texts] = Field({}, description="Name to path patterns; stored by digest.")
    in_: Texts = Field([], description="Artifacts (`job.name`) to unpack before the first step.")
    times: Literal["real", "commit"] = Field(
        "real", description="Of files in `out`: as they are, or never later than the commit's, for equal digests."
    )


class Image(Block):
    """An OCI image, built by a Docker daemon."""

    context: str = Field(".", description="Folder in the workspace.")
    dockerfile: str = Field("Dockerfile", description="Relative to the context.")
    tag: str = Field("", description="Repository and tag; default: the pipeline's name and the commit.")
    build_args: Env = Field({}, description="Build arguments. No secrets: they would stay in the image.")
    push: bool = Field(False, description="Push to the registry of the tag, with the worker's credentials.")


class Build(Block):
    """Commands that build artifacts, an image, or both."""

    steps: Steps = Field([], description="Commands.")
    image: Image | None = Field(
        None, description="An image to build; sets the outputs `image`, `digest` and `reference`."
    )


class Test(Block):
    """Commands that run tests, and the reports they write."""

    __test__ = False

    steps: Steps = Field(description="Commands.")
    junit: Texts = Field([], description="JUnit XML files (patterns). The job fails if none is found or a test failed.")
    coverage: Texts = Field(
        [], description="Cobertura, JaCoCo, Clover, LCOV or Go profiles (patterns); parts are merged by file."
    )
    min_coverage: float = Field(0, ge=0, le=100, description="Line coverage in percent below which the job fails.")
    min_branch_coverage: float = Field(
        0, ge=0, le=100, description="Branch coverage in percent below which the job fails."
    )
