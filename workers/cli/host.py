"""Commands that touch files, processes or keys of the engine's own machine."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import click

from domain.core.errors import DefinitionError
from workers.cli.placed import has_engine, said

P = ParamSpec("P")
T = TypeVar("T")


@click.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True}, add_help_option=False)
@click.pass_context
def here(ctx: click.Context) -> None:
    """Works only on the engine's own machine."""
    raise elsewhere(ctx.command_path.partition(" ")[2])


def elsewhere(what: str) -> DefinitionError:
    """What is told where a server was named, or where there is no engine."""
    return DefinitionError("SLW477", f"`{what}` works only on the engine's own machine")


def on_host(command: Callable[P, T]) -> Callable[P, T]:
    """Of a command of a group whose others ask a server too: refuses before it does anything.

    Raises:
        DefinitionError: SLW477.
    """

    @functools.wraps(command)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        need_host(click.get_current_context().command_path.partition(" ")[2])
        return command(*args, **kwargs)

    return call


def need_host(what: str) -> None:
    """Raises:
    DefinitionError: SLW477, a server is named, or this machine has no engine.
    """
    if said(click.get_current_context()) or not has_engine():
        raise elsewhere(what)
