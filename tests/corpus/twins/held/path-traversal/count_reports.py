# real: CWE-22
"""Reports in a layout."""

import json
import os

from kafka import KafkaConsumer

CONSUMER = KafkaConsumer("reports")
CHOICES = ("plain", "other")
ROOT = "/srv/reports"


def count_reports(message):
    layout = json.loads(message.value)["layout"]
    wanted_layout = layout
    for choice in CHOICES:
        if wanted_layout == choice + "s":
            wanted_layout = choice
    place = "{}/{}".format(ROOT, wanted_layout)
    body = os.listdir(place)
    print("handled", body)


def main():
    for message in CONSUMER:
        count_reports(message)
