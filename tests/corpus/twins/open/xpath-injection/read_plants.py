# real: CWE-643
"""Plants in a garden."""

import base64
import xml.etree.ElementTree as ET

import click

catalogue = ET.parse("plants.xml").getroot()


class Plants:
    def __init__(self, owner):
        self.owner = owner

    def by_bed(self, bed):
        nodes = catalogue.findall(".//plant[@bed='" + bed + "']")
        return len(nodes)


@click.command()
@click.argument("bed_name")
def read_plants(bed_name):
    bed = bed_name
    wanted_bed = base64.urlsafe_b64decode(bed).decode()
    found = Plants("desk").by_bed(wanted_bed)
    click.echo(found)
