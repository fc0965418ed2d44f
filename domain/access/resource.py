"""What something is asked of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
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
    """A set of policies, or a policy of pushes."""


DEFAULT_PROJECT = "default"
PARENTS: Mapping[ResourceKind, tuple[str, ...]] = MappingProxyType(
    {
        ResourceKind.RUN: ("pipeline", "environment"),
        ResourceKind.RELEASE: ("environment",),
        ResourceKind.SECRET: ("environment", "cluster"),
    }
)
"""The attributes that name what a resource belongs to, beside its project. A run has an environment when it asks for an
approval of it. A release is not below its pipeline: who may
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


def cluster_resource(name: str) -> Resource:
    """A cluster, with everything in it: what rights to its nodes, pods, volumes and requests are about."""
    return Resource(kind=ResourceKind.CLUSTER, name=name, cluster=name)


_RUN = re.compile(r"run/([^/]+)/[^/]+")
_RELEASE = re.compile(r"release/[^/]+/([^/@]+)(?:@[^/]+)?/[^/]+")
"""A part in one cluster is of its environment."""


def named(id_: str) -> Resource:
    """The resource of an id (`environment:production`), with what its own name says of what it belongs to.

    Raises:
        ValueError: it is no id of a resource.
    """
    kind, colon, name = id_.partition(":")
    if not colon or not name:
        raise ValueError(f"{id_!r} is no KIND:NAME")
    return ENGINE if id_ == ENGINE_ID else placed_by_name(Resource(kind=ResourceKind(kind), name=name))


def placed_by_name(resource: Resource) -> Resource:
    """With the pipeline of a run and the environment of a release, where nothing else says them."""
    if resource.kind == ResourceKind.RUN and not resource.pipeline and (found := _RUN.fullmatch(resource.name)):
        return replace(resource, pipeline=found[1])
    is_release = resource.kind == ResourceKind.RELEASE and not resource.environment
    if is_release and (found := _RELEASE.fullmatch(resource.name)):
        return replace(resource, environment=found[1])
    if resource.kind == ResourceKind.PERSON and not resource.owner:
        return replace(resource, owner=f"person:{resource.name}")
    return resource
