"""The shape of jobs that run commands, and of what every job may say."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler
from pydantic_core import CoreSchema

from pipeline_defs.core.blocks import Block, Duration, Env, Name, Texts, Value


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
