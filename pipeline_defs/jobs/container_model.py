"""The block of a job that runs in a container."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler
from pydantic_core import CoreSchema

from pipeline_defs.core.blocks import Block, Duration, Env, Name


class Service(Block):
    """A container beside the job's own, for as long as the job lasts. Steps reach it by its name."""

    image: str = Field(min_length=1, description="Name, better with a digest: `postgres:17@sha256:…`.")
    command: list[str] = Field([], description="Program and arguments; default: the image's.")
    env: Env = Field({}, description="Its variables. Whoever may talk to the daemon can read them.")
    secrets: list[str] = Field([], description="Names of the job's secrets that it gets as variables.")
    ready: str = Field("", description="A command in it that succeeds when it is ready; default: its image's check.")
    port: int = Field(0, ge=0, le=65535, description="A port that must accept connections before the first step.")
    ready_timeout: Duration = Field(60.0, description="How long it may take to be ready.")
    memory_mb: int = Field(0, ge=0, description="Its limit; 0: none.")


class ContainerBlock(Block):
    """Where the steps of a job run, all in one container, without capabilities: on the worker's machine as the worker's
    user, or in a pod of a cluster."""

    image: str = Field(min_length=1, description="Name, better with a digest. It needs /bin/sh.")
    pull: Literal["missing", "always", "never"] = Field("missing", description="When the image is pulled.")
    pids: int = Field(512, ge=8, le=32768, description="Processes and threads at once, in each container.")
    isolated: bool = Field(False, description="No network but to its services.")
    services: dict[Name, Service] = Field({}, description="Containers beside it, by the name they are reached under.")
    cluster: str = Field("", description="A cluster that the job runs in, as a pod; its image needs tar and head too.")
    namespace: Name = Field("default", description="Of the pod.")
    allow: list[str] = Field(
        [], description="What the pod may reach besides names: `CIDR` or `CIDR:PORT`. Everything else is denied."
    )
    user: int = Field(65532, ge=1, description="Number of the pod's user; never root.")


def _short(value: Any) -> Any:
    return {"image": value} if isinstance(value, str) else value


class _ShortSchema:
    """An image's name alone, or the whole block."""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [{"type": "string"}, handler(core)]}


Container = Annotated[ContainerBlock, BeforeValidator(_short), _ShortSchema()]
