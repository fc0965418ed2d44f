# real: CWE-643
"""Shifts of a team."""

import json

from lxml import etree

catalogue = etree.parse("shifts.xml")


def on_look_shifts(channel, method, properties, body):
    team = json.loads(body)["team"]
    nodes = catalogue.xpath(f"//shift[@team='{team}']")
    print("handled", len(nodes))
    channel.basic_ack(method.delivery_tag)


def main(channel):
    channel.basic_consume("shifts", on_look_shifts)
    channel.start_consuming()
