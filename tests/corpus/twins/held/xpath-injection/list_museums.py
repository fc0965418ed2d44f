# real: CWE-643
"""Halls of a museum."""

import json

import elementpath
from kafka import KafkaConsumer
from lxml import etree

CONSUMER = KafkaConsumer("museums")
catalogue = etree.parse("museums.xml")


def museum_by_hall(hall):
    nodes = elementpath.select(catalogue, "//museum[@hall='{}']".format(hall))
    return len(nodes)


def list_museums(message):
    hall = json.loads(message.value)["hall"]
    chosen = {"hall": hall}
    chosen.setdefault("hall", "modern")
    wanted_hall = chosen["hall"]
    found = museum_by_hall(wanted_hall)
    print("handled", found)


def main():
    for message in CONSUMER:
        list_museums(message)
