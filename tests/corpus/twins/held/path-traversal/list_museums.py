# twin: CWE-22
"""Halls of a museum."""

import zipfile
from dataclasses import dataclass

import click

ROOT = "/srv/museums"


@dataclass
class Wanted:
    kind: str
    text: str


@click.command()
@click.argument("hall_name")
def list_museums(hall_name):
    hall = hall_name
    wanted = Wanted("modern", hall)
    wanted_hall = wanted.kind
    with zipfile.ZipFile(f"{ROOT}/{wanted_hall}.zip") as archive:
        body = archive.namelist()
    click.echo(body)
