# twin: CWE-611
"""Parcels on their way."""

import click
from lxml import etree


@click.command()
@click.argument("code_name")
def open_parcels(code_name):
    code = code_name
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    root = etree.fromstring(code.encode(), parser)
    click.echo(root.tag)
