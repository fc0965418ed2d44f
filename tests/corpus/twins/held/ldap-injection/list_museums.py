# twin: CWE-90
"""Halls of a museum."""

from dataclasses import dataclass

import click
import ldap

link = ldap.initialize("ldap://directory.example")


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
    people = len(link.search_ext_s("dc=example", ldap.SCOPE_ONELEVEL, "(|(mail={0})(uid={0}))".format(wanted_hall)))
    click.echo(people)
