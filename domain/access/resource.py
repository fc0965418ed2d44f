"""What something is asked of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class ResourceKind(StrEnum):
    """The kinds of resources that rights are about."""

    ENGINE = "engine"
    """The installation itself: people, policies, the audit."""
    PROJECT = "project"
    """A named set of repositories, pipelines, environments and clusters."""
    REPOSITORY = "repository"
    PIPELINE = "pipeline"
    RUN = "run"
    RELEASE = "release"
    ENVIRONMENT = "environment"
    CLUSTER = "cluster"
    SECRET = "secret"
    PERSON = "person"
    """A registered person, who owns themself: their keys, sessions and tokens."""
    POLICY = "policy"
    """A set of policies."""


DEFAULT_PROJECT = "default"
PARENTS: Mapping[ResourceKind, tuple[str, ...]] = MappingProxyType(
    {
        ResourceKind.RUN: ("pipeline",),
        ResourceKind.RELEASE: ("environment",),
        ResourceKind.SECRET: ("environment", "cluster"),
    }
)
"""The attributes that name what a resource belongs to, beside its project. A release is not below its pipeline: who may
run a pipeline may not therefore release to production."""
ANCHORS: Mapping[ResourceKind, str] = MappingProxyType(
    {ResourceKind.RUN: "pipeline", ResourceKind.RELEASE: "environment"}
)
"""Whose project it is in, when it is not in one by its own name."""
OF_ENGINE = frozenset({ResourceKind.ENGINE, ResourceKind.PROJECT, ResourceKind.PERSON, ResourceKind.POLICY})
"""Kinds that are in no project: no administrator of a project has a say in them."""


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One thing with what is above it: a grant on any of these covers it."""

    kind: ResourceKind
    name: str
    """The id that people use: `run/web-shop/142`, `production`."""
    project: str = DEFAULT_PROJECT
    pipeline: str = ""
    environment: str = ""
    cluster: str = ""
    owner: str = ""
    """Id of the principal that made it, who may share it; empty: nobody."""
    level: int = 0
    """Confidentiality (MAC): higher is more secret. 0: public inside of the installation."""
    compartments: tuple[str, ...] = ()
    integrity: int = 1
    """0: of a fork or of a stranger; 1: of a registered repository."""
    attributes: Mapping[str, str | int | bool] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def id(self) -> str:
        """`environment:production`: unique."""
        return f"{self.kind}:{self.name}"

    @property
    def anchor(self) -> str:
        """Id of what says which project it is in; empty: it is in none."""
        if self.kind in OF_ENGINE:
            return ""
        name = ANCHORS.get(self.kind)
        return f"{name}:{getattr(self, name)}" if name else self.id

    @property
    def above(self) -> tuple[str, ...]:
        """Ids of itself and of everything that it belongs to, nearest first: a grant or a label on any covers it."""
        if self.kind == ResourceKind.ENGINE:
            return (ENGINE_ID,)
        parents = [f"{name}:{value}" for name in PARENTS.get(self.kind, ()) if (value := getattr(self, name))]
        projects = [f"project:{self.project}"] if self.project and self.kind not in OF_ENGINE else []
        return (self.id, *parents, *projects, ENGINE_ID)


ENGINE_ID = "engine:engine"
ENGINE = Resource(kind=ResourceKind.ENGINE, name="engine", project="")
