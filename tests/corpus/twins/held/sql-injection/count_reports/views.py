# twin: CWE-89
"""Reports in a layout."""

from collections import deque

import click

from .store import report_by_layout


@click.command()
@click.argument("layout_name")
def count_reports(layout_name):
    layout = layout_name
    waiting = deque(["plain"])
    waiting.append(layout)
    wanted_layout = waiting.popleft()
    found = report_by_layout(wanted_layout)
    click.echo(found)
