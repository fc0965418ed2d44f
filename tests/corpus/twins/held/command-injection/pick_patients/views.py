# real: CWE-78
"""Patients of a ward."""

import re

import click

from .store import patient_by_ward

SHAPE = re.compile(r"\S+")


@click.command()
@click.argument("ward_name")
def pick_patients(ward_name):
    ward = ward_name
    if not SHAPE.match(ward):
        raise click.UsageError("unknown ward")
    wanted_ward = ward
    found = patient_by_ward(wanted_ward)
    click.echo(found)
