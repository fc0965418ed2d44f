"""The container block of a job."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from domain.core.values import Json
from pipeline_defs.core.blocks import MAX_MEMORY_MB, Block, Duration, Env, Name


class Service(Block):
    """A sidecar container that runs as long as the job. Steps reach it by its name."""

    image: str = Field(min_length=1, description="Image name, ideally with a digest: `postgres:17@sha256:…`.")
    command: list[str] = Field([], description="Program and arguments; default: the image's.")
    env: Env = Field({}, description="Environment variables. Anyone with access to the daemon can read them.")
    secrets: list[str] = Field([], description="Names of the job's secrets, passed as environment variables.")
    ready: str = Field("", description="A command that succeeds when it is ready; default: the image's health check.")
    port: int = Field(0, ge=0, le=65535, description="A port that must accept connections before the first step.")
    ready_timeout: Duration = Field(60.0, description="Time limit to become ready.")
    memory_mb: int = Field(0, ge=0, le=MAX_MEMORY_MB, description="Memory limit; 0: none.")


class ContainerBlock(Block):
    """Where the steps of a job run, all in one container, without capabilities: on the worker's machine as the worker's
    user, or in a pod of a cluster."""

    image: str = Field(min_length=1, description="Image name, ideally with a digest. It needs /bin/sh.")
    pull: Literal["missing", "always", "never"] = Field("missing", description="When the image is pulled.")
    pids: int = Field(512, ge=8, le=32768, description="Limit of processes and threads per container.")
    isolated: bool = Field(False, description="No network access except to its services.")
    services: dict[Name, Service] = Field({}, description="Host name to sidecar container.")
    cluster: str = Field("", description="Cluster that runs the job as a pod; the image then also needs tar and head.")
    namespace: Name = Field("default", description="Namespace of the pod.")
    allow: list[str] = Field(
        [], description="Allowed egress of the pod besides DNS: `CIDR` or `CIDR:PORT`. Everything else is denied."
    )
    user: int = Field(65532, ge=1, le=2**32 - 2, description="User ID of the pod; never root.")


def _short(value: Json) -> Json:
    return {"image": value} if isinstance(value, str) else value


class _ShortSchema:
    """An image name, or the whole block."""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [{"type": "string"}, handler(core)]}


Container = Annotated[ContainerBlock, BeforeValidator(_short), _ShortSchema()]
