# real: CWE-611
"""Halls of a museum."""

import json

from kafka import KafkaConsumer
from lxml import etree

CONSUMER = KafkaConsumer("museums")
TOO_LONG = 80


def find_museums(message):
    hall = json.loads(message.value)["hall"]
    if len(hall) > TOO_LONG:
        raise ValueError("unknown hall")
    wanted_hall = hall
    parser = etree.XMLParser(resolve_entities=True)
    root = etree.fromstring(wanted_hall.encode(), parser)
    print("handled", root.tag)


def main():
    for message in CONSUMER:
        find_museums(message)
