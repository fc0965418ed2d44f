# twin: CWE-78
"""Shifts of a team."""

import click

from .store import shift_by_team


def fallback(text):
    print("no longer read:", len(text))
    return "night"


@click.command()
@click.argument("team_name")
def count_shifts(team_name):
    team = team_name
    wanted_team = fallback(team)
    found = shift_by_team(wanted_team)
    click.echo(found)
