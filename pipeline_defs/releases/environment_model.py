"""The shape of environments: places to deploy, with their protection."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from domain.core import globs
from domain.releases import outcome
from domain.releases.calendars import MOST_WINDOWS
from pipeline_defs.approvals.model import Allow
from pipeline_defs.core.blocks import Block, Duration, Name
from pipeline_defs.core.document import Document
from pipeline_defs.releases.argocd_model import Application
from pipeline_defs.releases.calendar_model import Freezes, Window
from pipeline_defs.releases.environment_target import Elsewhere, Registry
from pipeline_defs.scans.model import SeverityName


class EnvironmentApproval(Block):
    """Minimum requirements for every approval and deployment."""

    users: list[str] = Field(
        [], description="Only these users and members of the groups may approve; empty: no restriction."
    )
    groups: list[str] = []
    quorum: int = Field(
        0, ge=0, le=1000, description="Minimum of required approvals; at least 1 where users or groups are named."
    )
    per_group: dict[str, Annotated[int, Field(ge=1, le=1000)]] = {}
    max_expires: Duration = Field(0, description="Maximum time until an approval expires; 0: no limit.")
    reviewed: list[Annotated[str, Field(pattern=r"^[0-9a-f]{40}([0-9a-f]{24})?$")]] = Field(
        [], description="Commits whose history was looked at: who made it may decide about what came later."
    )
    allow: Allow = Field(Allow(), description="Who may approve their own change, where the pipeline allows it too.")


Patterns = Annotated[list[Annotated[str, Field(min_length=1, max_length=globs.MAX_LENGTH)]], Field(max_length=200)]


class EnvironmentImages(Block):
    """Attestations, signed by this installation, that an image needs to be released here."""

    built_here: bool = Field(False, description="Provenance: built by one of the pipelines.")
    gate_passed: bool = Field(False, description="The last gate that evaluated it passed.")
    scanned_within: Duration = Field(0, description="Maximum age of a complete scan; 0: no scan needed.")
    repositories: Patterns = Field(
        [], description="Patterns of repositories whose attestations count; default: the one that deploys."
    )
    pipelines: Patterns = Field([], description="Patterns of pipelines; default: the one that deploys.")
    branches: Patterns = Field([], description="Patterns of branches; default: the repository's default branch.")
    tags: Literal["resolved", "as-written"] = Field(
        "resolved",
        description="Images of clusters. resolved: a tag is released as the digest that its registry has for it now;"
        " as-written: nodes resolve it, whenever a pod starts.",
    )
    registries: list[Registry] = Field(
        [],
        max_length=50,
        description="Registries, HOST:PORT, that are asked and pulled from though their address is not public.",
        examples=[["10.99.0.1:5000"]],
    )


class EnvironmentWatch(Block):
    """Reaction to a new vulnerability in a running release."""

    severity: SeverityName = Field("critical", description="The lowest severity that raises an alarm.")
    unknown_as: SeverityName = Field("high", description="Severity of vulnerabilities without one.")
    then: list[Literal["notify", "block", "rebuild", "rollback"]] = Field(
        ["notify"],
        description="notify: people are notified; block: the image cannot be released again; rebuild: its pipeline"
        " runs; rollback: the previous version is released again, unless it raises an alarm too.",
    )


class Git(Block):
    """What a repository of a tool such as Argo CD has to do with releases. git's own helpers and keys give access."""

    repository: Annotated[str, Field(pattern=outcome.ADDRESS, max_length=500)] | Literal[""] = Field(
        "",
        description="Address without a password, of where a file for each service is committed when a version is live.",
        examples=["https://git.example/shop/deploy.git"],
    )
    import_: bool = Field(
        False,
        alias="import",
        description="The Deployments that releases are made of are applied from git as well, with no pods.",
    )
    weights: bool = Field(False, description="Refused: a route that git leads, too, is led by two.")
    branch: Annotated[str, Field(pattern=outcome.BRANCH)] = Field("main", description="The branch that is pushed to.")
    path: Annotated[str, Field(pattern=outcome.PATH, max_length=300)] = Field(
        outcome.DEFAULT_PATH, description="The file; `{service}` and `{environment}` stand for their names."
    )


class Environment(Document):
    """A deployment target and its protection rules. Registered by `sluiceway apply`, never read from a commit."""

    kind: Literal["Environment"]
    name: Name
    description: str = ""
    target: Literal["local", "docker"] | Elsewhere = Field("local", description="Where services run.")
    trust: Literal["signed", "open"] = Field(
        "signed", description="signed: decisions must be signed; open: unsigned decisions count."
    )
    proof: Literal["passkey", "any"] = Field(
        "passkey",
        description="passkey: decisions are signed by passkeys, or by keys outside of browsers; any: by keys in a"
        " browser's storage too.",
    )
    keys: Literal["confirmed", "any"] = Field(
        "confirmed",
        description="confirmed: a key that was registered by a one-time link signs decisions once somebody else has"
        " confirmed it; any: at once.",
    )
    approval: EnvironmentApproval = EnvironmentApproval()
    images: EnvironmentImages = EnvironmentImages()
    watch: EnvironmentWatch = EnvironmentWatch()
    applications: list[Application] = Field(
        [], max_length=100, description="Applications of Argo CD that its jobs may sync: `CLUSTER/NAMESPACE/NAME`."
    )
    git: Git | None = Field(None, description="A repository that says what is live; default: none.")
    windows: list[Window] = Field(
        [],
        max_length=MOST_WINDOWS,
        description="Releases go forward only in these and in those of their definitions; default: always.",
    )
    freezes: Freezes = []
