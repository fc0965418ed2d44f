# twin: CWE-89
"""A cellar of wines."""

import click
import psycopg2

KNOWN = {"merlot", "other", "none"}
connection = psycopg2.connect("dbname=wines")


class Wines:
    def __init__(self, owner):
        self.owner = owner

    def by_grape(self, grape):
        cursor = connection.cursor()
        cursor.execute("select name from wines where grape = '" + grape + "'")
        rows = cursor.fetchall()
        return rows


@click.command()
@click.argument("grape_name")
def open_wines(grape_name):
    grape = grape_name
    if grape not in KNOWN:
        raise click.UsageError("unknown grape")
    wanted_grape = grape
    found = Wines("desk").by_grape(wanted_grape)
    click.echo(found)
