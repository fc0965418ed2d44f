"""The shape of pipelines and components. The JSON Schema and docs/pipeline-reference.md come from all models."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from pipeline_defs.approvals.model import Approval
from pipeline_defs.clusters.provision_model import Provision
from pipeline_defs.core.blocks import MAX_MEMORY_MB, Block, Env, Name, Secrets, Texts, Value
from pipeline_defs.core.document import Document, Parameter
from pipeline_defs.jobs.cache_model import Caches
from pipeline_defs.jobs.container_model import Container
from pipeline_defs.jobs.model import Artifacts, Build, Checkout, Matrix, RetryBlock, Steps, Test, Timeouts
from pipeline_defs.pipelines.concurrency_model import Concurrency, Priority
from pipeline_defs.releases.argocd_model import ArgocdSync
from pipeline_defs.releases.model import Deploy
from pipeline_defs.scans.model import Gate, Scan
from pipeline_defs.triggers.model import On
from pipeline_defs.volumes.model import Volume


class Job(Block):
    """A node of the DAG. It has one kind: run, build, test, scan, gate, approval, deploy, argocd-sync, provision,
    volume or uses.
    """

    extends: Texts = Field([], description="Templates of this file: mappings are merged, the rest is replaced.")
    stage: str = Field("", description="Groups jobs in displays.")
    needs: Texts = Field([], description="Jobs that must finish first.")
    when: str | bool = Field(
        "", description="Condition in CEL; default: all needs passed. failure() also sees jobs above the needs."
    )
    matrix: Matrix | None = Field(None, description="Runs the job once per combination.")
    for_each: str = Field("", description="CEL that evaluates to a list at run time; the job runs once per `item`.")
    timeouts: Timeouts = Field(Timeouts(), description="Time limits.")
    concurrency: Concurrency | None = Field(
        None, description="Concurrency group of the job; a name alone allows one at a time."
    )
    cpu: float = Field(0, ge=0, le=256, description="CPU cores reserved on a worker; 0: none.")
    memory_mb: int = Field(0, ge=0, le=MAX_MEMORY_MB, description="Memory limit for all the job's processes; 0: none.")
    output_mb: int = Field(64, ge=1, le=1024, description="Log size limit.")
    retry: RetryBlock = Field(RetryBlock(), description="When it is retried.")
    env: Env = Field({}, description="Environment variables of the job's processes.")
    secrets: list[str] = Field([], description="Names of the pipeline's secrets that the job can use.")
    container: Container | None = Field(None, description="Runs the steps in a container: an image name, or a block.")
    executor: Literal["process", "docker", "kubernetes"] | None = Field(
        None,
        description="Default: kubernetes if the container names a cluster, docker if there is one, else process.",
    )
    outputs: dict[str, Literal["string", "integer", "number", "boolean", "list", "object"]] = Field(
        {}, description="Name to type. Steps append `name=value` to the file $SLUICEWAY_OUTPUT."
    )
    checkout: Checkout = Field(Checkout(), description="Submodules and LFS files (run, build, test and scan jobs).")
    artifacts: Artifacts = Field(Artifacts(), description="Files passed between jobs.")
    cache: Caches = Field([], description="Files kept for later runs (run, build and test jobs).")
    continue_on_error: bool = Field(False, description="Jobs that need it treat its failure as passed.")
    environment: str = Field("", description="A registered environment whose rules protect the job.")
    run: Steps | None = Field(None, description="Kind: runs commands.")
    build: Build | None = Field(None, description="Kind: builds artifacts or an image.")
    test: Test | None = Field(None, description="Kind: runs tests and reads their reports.")
    scan: Scan | None = Field(None, description="Kind: runs scanners.")
    gate: Gate | None = Field(None, description="Kind: evaluates findings.")
    approval: Approval | None = Field(None, description="Kind: waits for an approval.")
    deploy: Deploy | None = Field(None, description="Kind: releases a service.")
    provision: Provision | None = Field(None, description="Kind: creates a cluster.")
    volume: Volume | None = Field(None, description="Kind: manages a volume of a cluster.")
    argocd_sync: ArgocdSync | None = Field(None, description="Kind: syncs an Application of Argo CD.")
    uses: str = Field(
        "", description="Kind: the jobs of a Component, by path relative to this file, or `git+URL@COMMIT#PATH`."
    )
    with_: dict[str, Value] = Field({}, description="Inputs of the component.")


class Defaults(Block):
    """Used by every job that does not set its own."""

    timeouts: Timeouts | None = None
    retry: RetryBlock | None = None
    checkout: Checkout | None = None
    env: Env = {}


class Pipeline(Document):
    """A pipeline."""

    kind: Literal["Pipeline"]
    name: Name = Field(description="Lower case letters, digits and dashes.")
    description: str = Field("", description="One line for people.")
    params: dict[str, Parameter] = Field({}, description="Typed parameters; `params.NAME` in expressions.")
    on: On = Field(On(), description="Events that start it.")
    env: Env = Field({}, description="Environment variables of all jobs.")
    secrets: Secrets = Field(
        {}, description="Variable to the name of a secret, or a list of variables: `[DEPLOY_TOKEN]` is `deploy-token`."
    )
    defaults: Defaults = Field(Defaults(), description="Defaults for all jobs.")
    fail_fast: bool = Field(False, description="The first failed job cancels all running jobs.")
    concurrency: Concurrency | None = Field(
        None, description="Concurrency group of its runs; a name alone allows one at a time."
    )
    priority: Priority = Field(3, description="From 1 (first) to 5 (last), or an expression.")
    tenant: Name | None = Field(
        None, description="Pipelines of a tenant share its capacity; default: each pipeline has its own."
    )
    templates: dict[Name, Job] = Field({}, description="Parts of jobs, reused with `extends`.")
    jobs: dict[str, Job] = Field(min_length=1, description="Name to job.")


class Component(Document):
    """Jobs that pipelines use, with typed inputs."""

    kind: Literal["Component"]
    name: Name
    description: str = ""
    inputs: dict[str, Parameter] = Field({}, description="`inputs.NAME` in expressions.")
    templates: dict[Name, Job] = Field({}, description="Parts of jobs, reused with `extends`.")
    jobs: dict[str, Job] = Field(min_length=1)
