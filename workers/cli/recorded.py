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

RECORDED: set[Callable[..., object]] = set()
"""What commands do that are recorded here. A test asks of each other one where it is, or that it changes nothing."""
P = ParamSpec("P")
T = TypeVar("T")


def recorded(
    action: Action, kind: ResourceKind = ResourceKind.ENGINE, of: str = "", only: str = ""
) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Of a command. No parameter but the resource's name is recorded: it may be a secret.

    Args:
        action: what the owner does.
        kind: of the resource.
        of: the parameter with its name; empty: the engine itself.
        only: the flag with which the command changes something; empty: it always does.
    """

    def around(command: Callable[P, T]) -> Callable[P, T]:
        @functools.wraps(command)
        def call(*args: P.args, **kwargs: P.kwargs) -> T:
            if only and not kwargs.get(only):
                return command(*args, **kwargs)
            name = str(kwargs.get(of, ""))
            resource = Resource(kind=kind, name=name) if name else ENGINE
            with _told(action, resource, click.get_current_context().command_path):
                return command(*args, **kwargs)

        RECORDED.add(command)
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
