"""The shape of policies: what holds for a push, whatever its definition says."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from domain.core import globs
from pipeline_defs.core.blocks import Block, Duration, Name
from pipeline_defs.core.document import Document
from pipeline_defs.scans.model import AlwaysCounts, ClassName, SeverityName, ToolName

MAX_PATTERNS = 200
EventName = Literal["push", "pull-request", "schedule", "manual"]
Pattern = Annotated[str, StringConstraints(min_length=1, max_length=globs.MAX_LENGTH)]
PatternList = Annotated[list[Pattern], Field(max_length=MAX_PATTERNS)]
KindName = Literal["sast", "secret", "misconfiguration", "vulnerability", "license", "runtime", "dast", "suppression"]


class PolicyScope(Block):
    """The pushes that a policy holds for. A key that is left out holds for all."""

    repositories: PatternList = Field(
        [], description="Patterns of repositories: a path, or HOST/PATH without scheme, user, port and `.git`."
    )
    pipelines: PatternList = Field([], description="Patterns of pipelines. Whoever pushes chooses this name.")
    branches: PatternList = Field(
        [],
        description="Patterns of branches; of a pull request: the branch that it wants to change. Tags, and runs"
        " without a branch, are always held.",
    )
    events: list[EventName] = Field([], max_length=4)


class PolicyAllow(Block):
    """Where a run may come from, and what its definition may use. A key that is left out allows everything."""

    repositories: PatternList | None = Field(None, description="Repositories whose pushes may start runs.")
    branches: PatternList | None = Field(None, description="Branches whose pushes may start runs; no tags, then.")
    tags: PatternList | None = Field(None, description="Tags whose pushes may start runs; no branches, then.")
    executors: list[Literal["process", "docker", "kubernetes"]] | None = Field(None, max_length=3)
    uses: PatternList | None = Field(
        None, description="Other repositories whose components and templates may be used; `[]`: none."
    )


class PolicyJobs(Block):
    """How far apart jobs are kept from the machine."""

    isolation: Literal["process", "landlock", "sandbox"] = Field(
        "process", description="The least level of the executor `process`."
    )
    network: Literal["open", "proxy", "none"] = Field("open", description="What jobs reach.")
    hosts: PatternList | None = Field(
        None,
        description="Hosts that a proxy lets through; with `network: proxy`. `NAME`, `*.NAME` or `*`, with `:PORT`, or"
        " for ports 80 and 443.",
    )


class PolicySecret(Block):
    """Secrets that runs may have."""

    names: PatternList = Field(min_length=1, description="Patterns of names of secrets.")
    environments: PatternList = Field([], description="Patterns of the job's environment; default: any, and none.")
    events: list[EventName] = Field(
        ["push", "schedule", "manual"],
        min_length=1,
        max_length=4,
        description="A pull request from another repository never has a secret.",
    )
    approved: bool = Field(False, description="Only in jobs that wait for an approval.")


class PolicyGate(Block):
    """The least that every gate asks, judged beside the definition's own settings: both must pass."""

    required: bool = Field(False, description="A deployment needs a gate before it.")
    fail_on: SeverityName = Field("high", description="The lowest severity that blocks.")
    kinds: list[KindName] = Field([], description="Kinds of findings that count; default: all.")
    unknown_as: SeverityName = Field("high", description="Severity of findings without one.")
    tools: list[ToolName] = Field([], description="Scanners that must have run completely.")
    exclude: PatternList = Field([], description="Patterns that a scan may `exclude`, as they are written there.")
    paths: PatternList = Field([], description="Paths that a scan may be limited to; default: none.")
    new_only: bool = Field(False, description="Findings of the signed baseline may pass, but for secrets.")
    always: AlwaysCounts = Field(AlwaysCounts(), description="What no baseline excuses.")
    classes: list[ClassName] = Field(
        ["own", "test", "generated"],
        description="Classes of files in which weak code counts (sast, suppression); other kinds count in every class.",
    )
    skipped: Literal["allow", "block"] = Field("allow", description="Whether a missing scanner blocks.")
    max_db_age: Duration = Field(0.0, description="Maximum age of the vulnerability database; 0: any.")


class PolicySuppressions(Block):
    """Whose suppressions count."""

    groups: list[Name] = Field([], max_length=MAX_PATTERNS, description="Groups of approvers; default: any identity.")
    unsigned: bool = Field(
        False,
        description="Entries without a signature count, if they stood in the commit before the push.",
    )


class Policy(Document):
    """What holds for pushes, whatever they define. Registered by `sluiceway apply`, never read from a commit."""

    kind: Literal["Policy"]
    name: Name
    description: str = ""
    scope: PolicyScope = Field(PolicyScope(), alias="for")
    allow: PolicyAllow = PolicyAllow()
    jobs: PolicyJobs = PolicyJobs()
    secrets: list[PolicySecret] | None = Field(
        None, max_length=MAX_PATTERNS, description="Secrets that runs may have; `[]`: none. Default: nothing is said."
    )
    gate: PolicyGate | None = None
    suppressions: PolicySuppressions | None = None
