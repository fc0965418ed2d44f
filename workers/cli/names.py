"""Names that are typed."""

from __future__ import annotations

import click

from domain.core import ids
from domain.core.errors import DefinitionError


def _run(ctx: click.Context, parameter: click.Parameter, value: str) -> str:
    """Raises:
    DefinitionError: SLW502, it names no run.
    """
    try:
        ids.split_run(value)
    except ValueError as wrong:
        raise DefinitionError("SLW502", str(wrong)) from wrong
    return value


run_argument = click.argument("name", metavar="RUN", callback=_run)
"""`web-shop/142`, whose last attempt is meant, or `web-shop/142.1`."""
