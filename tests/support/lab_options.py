"""What a test changes in its lab: the event, the rule of a secret, settings."""

from __future__ import annotations

from pathlib import Path
from typing import TypedDict

from domain.jobs.agent import AgentPlace
from domain.jobs.isolation import Level
from domain.triggers.events import EventKind


class EventFields(TypedDict, total=False):
    """What a test says of the event that starts a run; the rest is of a start by hand."""

    kind: EventKind
    branch: str
    tag: str
    author: str
    actor: str
    actor_from: str
    changed_files: tuple[str, ...]
    compared: bool
    params: dict[str, str | int | float | bool]


class RulePoints(TypedDict, total=False):
    """What a test narrows in the rule of a secret."""

    pipelines: tuple[str, ...]
    repositories: tuple[str, ...]
    events: tuple[str, ...]
    branches: tuple[str, ...]
    environments: tuple[str, ...]
    jobs: tuple[str, ...]
    approval: bool
    by_hand: bool


class MoreSettings(TypedDict, total=False):
    """What a test changes in the settings of its engine."""

    store_address: str
    store_endpoint: str
    built: Path
    job_paths: tuple[str, ...]
    isolation_most: Level
    agents: AgentPlace | None
    registries: str
