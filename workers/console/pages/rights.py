"""What the reader may do on a page: one decision a button, with its rule."""

from __future__ import annotations

from collections.abc import Iterable

from domain.access.actions import Action
from domain.access.resource import Resource, ResourceKind, cluster_resource
from domain.access.verdict import Verdict
from workers.client.ports.client import Client


async def verdicts(client: Client, resource: Resource, *actions: Action) -> dict[str, Verdict]:
    """By the verb of the action (`cancel` of `runs:cancel`). The call itself is decided again, with the records."""
    found = await verdicts_of(client, resource, actions)
    return {action.partition(":")[2]: verdict for action, verdict in zip(actions, found, strict=True)}


async def verdicts_of(client: Client, resource: Resource, actions: Iterable[Action]) -> tuple[Verdict, ...]:
    """In the order of the actions."""
    return await client.access.can_each([(action, resource) for action in actions])


def of_run(id_: str, pipeline: str) -> Resource:
    """A run."""
    return Resource(kind=ResourceKind.RUN, name=id_, pipeline=pipeline)


def of_pipeline(name: str) -> Resource:
    """A pipeline."""
    return Resource(kind=ResourceKind.PIPELINE, name=name, pipeline=name)


def of_environment(name: str) -> Resource:
    """An environment."""
    return Resource(kind=ResourceKind.ENVIRONMENT, name=name, environment=name)


def of_release(id_: str, environment: str) -> Resource:
    """A release."""
    return Resource(kind=ResourceKind.RELEASE, name=id_, environment=environment)


def of_cluster(name: str) -> Resource:
    """A cluster."""
    return cluster_resource(name)
