# real: CWE-89
"""Answers to surveys."""

import click
import pymysql

connection = pymysql.connect(database="surveys")


class Surveys:
    def __init__(self, owner):
        self.owner = owner

    def by_panel(self, panel):
        with connection.cursor() as cursor:
            cursor.execute("select name from surveys where panel = '{}'".format(panel))
            rows = cursor.fetchall()
        return rows


@click.command()
@click.argument("panel_name")
def count_surveys(panel_name):
    panel = panel_name
    found = Surveys("desk").by_panel(panel)
    click.echo(found)
