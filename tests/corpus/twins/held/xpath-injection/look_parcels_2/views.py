# twin: CWE-643
"""Parcels on their way."""

import click

from .store import parcel_by_code


@click.command()
@click.argument("code_name")
def look_parcels(code_name):
    code = code_name
    found = parcel_by_code(code)
    click.echo(found)
