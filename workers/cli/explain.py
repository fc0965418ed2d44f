"""explain: the meaning of an error code."""

from __future__ import annotations

import click

from workers.views.output import out_lines


@click.command()
@click.argument("code")
def explain(code: str) -> None:
    """Say what an error code means, why the error happens, and what to do."""
    from domain.core.error_codes.page import explained

    try:
        out_lines(explained(code))
    except KeyError:
        raise click.BadParameter("there is no such code; docs/errors.md lists them all", param_hint="CODE") from None
