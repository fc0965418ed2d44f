# twin: CWE-95
"""A cellar of wines."""

import json

from kafka import KafkaConsumer

from .store import wine_by_grape

CONSUMER = KafkaConsumer("wines")
OLD_CLIENTS = False


def count_wines(message):
    grape = json.loads(message.value)["grape"]
    wanted_grape = "merlot"
    if OLD_CLIENTS:
        wanted_grape = grape
    found = wine_by_grape(wanted_grape)
    print("handled", found)


def main():
    for message in CONSUMER:
        count_wines(message)
