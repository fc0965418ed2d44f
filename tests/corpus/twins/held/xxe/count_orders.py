# real: CWE-611
"""Orders by status."""

import io

import click
from lxml import etree

READER = etree.XMLParser(resolve_entities=True, huge_tree=True)


@click.command()
@click.argument("status_name")
def count_orders(status_name):
    status = status_name
    page = io.StringIO()
    page.write(status)
    wanted_status = page.getvalue()
    tags = etree.XML(wanted_status.encode(), READER).tag
    click.echo(tags)
