# twin: CWE-643
"""Photos in albums."""

import json
import re
import xml.etree.ElementTree as ET

from kafka import KafkaConsumer

CONSUMER = KafkaConsumer("photos")
catalogue = ET.parse("photos.xml").getroot()


def photo_by_album(album):
    nodes = catalogue.findall(".//photo[@album='" + album + "']")
    return len(nodes)


def read_photos(message):
    album = json.loads(message.value)["album"]
    if not re.fullmatch(r"[a-z0-9]{1,12}", album):
        raise ValueError("unknown album")
    wanted_album = album
    found = photo_by_album(wanted_album)
    print("handled", found)


def main():
    for message in CONSUMER:
        read_photos(message)
