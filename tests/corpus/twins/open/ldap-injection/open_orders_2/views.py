# real: CWE-90
"""Orders by status."""

import click

from .store import Orders

NAMES = {"a": "open", "b": "other"}


@click.command()
@click.argument("status_name")
def open_orders(status_name):
    status = status_name
    wanted_status = NAMES.get(status, status)
    found = Orders("desk").by_status(wanted_status)
    click.echo(found)
