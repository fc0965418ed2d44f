"""Commands that touch files, processes or keys of the engine's own machine."""

from __future__ import annotations

import click

from domain.core.errors import DefinitionError


@click.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True}, add_help_option=False)
@click.pass_context
def here(ctx: click.Context) -> None:
    """Works only on the engine's own machine."""
    raise DefinitionError("SLW477", f"`{ctx.info_name}` works only on the engine's own machine")
