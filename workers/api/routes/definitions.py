"""Definitions: check and plan a text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta

from workers.api.asked import LongText
from workers.client.ports.client import Client
from workers.client.ports.definitions import Planned, Remark

Definition = Annotated[str, Meta(max_length=2**20)]


@dataclass(frozen=True)
class Lint:
    """A definition, as YAML."""

    text: Definition


@dataclass(frozen=True)
class Plan:
    """A definition, and the branch of the push."""

    text: Definition
    branch: LongText = "main"


@post("/definitions/lint", operation_id="definitions.lint", status_code=200)
async def lint(data: JSONBody[Lint], client: NamedDependency[Client], key: NamedDependency[str]) -> tuple[Remark, ...]:
    """What is wrong, in the order of lines; nothing is kept."""
    return await client.definitions.lint(data.text)


@post("/definitions/plan", operation_id="definitions.plan", status_code=200)
async def plan(data: JSONBody[Plan], client: NamedDependency[Client], key: NamedDependency[str]) -> Planned:
    """The jobs that a push would run; nothing is kept."""
    return await client.definitions.plan(data.text, data.branch)


HANDLERS = (lint, plan)
