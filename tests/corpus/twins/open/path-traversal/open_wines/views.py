# real: CWE-22
"""A cellar of wines."""

import json

from kafka import KafkaConsumer

from .store import wine_by_grape

CONSUMER = KafkaConsumer("wines")


def open_wines(message):
    grape = json.loads(message.value)["grape"]
    found = wine_by_grape(grape)
    print("handled", found)


def main():
    for message in CONSUMER:
        open_wines(message)
