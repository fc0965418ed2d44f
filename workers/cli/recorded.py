"""Changes that the owner of a home makes by a command: in the audit before they are made, and when they have ended."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

import click

from domain.access.actions import Action
from domain.access.resource import ENGINE, Resource, ResourceKind
from workers.core.settings import current

P = ParamSpec("P")
T = TypeVar("T")


def recorded(
    action: Action, kind: ResourceKind = ResourceKind.ENGINE, of: str = ""
) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Of a command. `of`: its parameter with the resource's name. No other one is recorded: it may be a secret."""

    def around(command: Callable[P, T]) -> Callable[P, T]:
        @functools.wraps(command)
        def call(*args: P.args, **kwargs: P.kwargs) -> T:
            name = str(kwargs.get(of, ""))
            resource = Resource(kind=kind, name=name) if name else ENGINE
            with _told(action, resource, click.get_current_context().command_path):
                return command(*args, **kwargs)

        return call

    return around


@contextmanager
def _told(action: Action, resource: Resource, command: str) -> Iterator[None]:
    from workers.cli.common import records
    from workers.client.owner_guard import owner_change

    opened = records(current())
    try:
        with owner_change(opened.audit, action, resource, {"command": command}):
            yield
    finally:
        opened.close()
