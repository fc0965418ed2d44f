"""The shape of pipelines and components. The JSON Schema and docs/pipeline-reference.md are made of all models."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from pipeline_defs.approvals.model import Approval
from pipeline_defs.clusters.provision_model import Provision
from pipeline_defs.core.blocks import Block, Env, Name, Texts, Value
from pipeline_defs.core.document import Document, Parameter
from pipeline_defs.jobs.cache_model import Caches
from pipeline_defs.jobs.container_model import Container
from pipeline_defs.jobs.model import Artifacts, Build, Matrix, RetryBlock, Steps, Test, Timeouts
from pipeline_defs.pipelines.concurrency_model import Concurrency, Priority
from pipeline_defs.releases.model import Deploy
from pipeline_defs.scans.model import Gate, Scan
from pipeline_defs.triggers.model import On
from pipeline_defs.volumes.model import Volume


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
